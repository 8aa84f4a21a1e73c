/** What stands around every page: the way around, who is signed in, and whether Countersign answers. */
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { get } from '../api/client.ts';
import { useLostSince } from '../api/connection.ts';
import type { Me } from '../api/types.ts';
import { clock } from '../lib/time.ts';
import { enumerated, roleWords } from '../lib/words.ts';
import { Link, useAddress } from '../router.tsx';
import { useInbox } from './inbox.tsx';

interface FrameProps {
  me: Me;
  onSignOut: () => void;
  children: ReactNode;
}

export function Frame({ me, onSignOut, children }: FrameProps) {
  const { path } = useAddress();
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  // Who listens to the page hears the new one from its top; the first one is read anyway.
  // biome-ignore lint/correctness/useExhaustiveDependencies: with every new path.
  useEffect(() => {
    if (!first.current) main.current?.focus({ preventScroll: true });
    first.current = false;
  }, [path]);
  return (
    <>
      <a className="skip" href="#main">
        Skip to the page
      </a>
      <header className="bar">
        <div className="bar-inside">
          <Link to="/" className="wordmark">
            <Wordmark />
          </Link>
          <Navigation path={path} hasRole={me.roles.length > 0} />
          <Account me={me} onSignOut={onSignOut} />
        </div>
      </header>
      <ConnectionNote />
      <main id="main" ref={main} tabIndex={-1}>
        {children}
      </main>
    </>
  );
}

export function Wordmark() {
  return (
    <>
      <svg viewBox="0 0 32 32" aria-hidden="true">
        <rect width="32" height="32" rx="7" />
        <path d="M8 17.5l4.2 4.2L18 12M15.5 20.2l1.6 1.5L24 10" />
      </svg>
      Countersign
    </>
  );
}

function Navigation({ path, hasRole }: { path: string; hasRole: boolean }) {
  // What somebody is asked belongs to the inbox, wherever it stands.
  const isAsked = /^\/runs\/[^/]+\/(gates|tasks)\//.test(path);
  const count = useInbox().data?.total ?? 0;
  const item = (to: string, text: string, here: boolean, more?: ReactNode) => (
    <Link to={to} aria-current={here ? 'page' : undefined}>
      {text}
      {more}
    </Link>
  );
  return (
    <nav aria-label="Main">
      {item(
        '/',
        'Inbox',
        path === '/' || isAsked,
        count > 0 && (
          <span className="count">
            {count}
            <span className="unseen"> waiting</span>
          </span>
        ),
      )}
      {item('/runs', 'Runs', (path.startsWith('/runs') && !isAsked) || path.startsWith('/deliveries'))}
      {item('/overview', 'Overview', path === '/overview')}
      {item('/calendar', 'Calendar', path === '/calendar')}
      {item('/runbooks', 'Runbooks', path.startsWith('/runbooks'))}
      {hasRole && item('/register/assets', 'Register', path.startsWith('/register'))}
    </nav>
  );
}

function Account({ me, onSignOut }: { me: Me; onSignOut: () => void }) {
  const [open, setOpen] = useState(false);
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!open) return;
    const close = (event: Event) => {
      const escaped = event instanceof KeyboardEvent && event.key === 'Escape';
      const outside = event.type === 'pointerdown' && !element.current?.contains(event.target as Node);
      if (escaped || outside) setOpen(false);
    };
    document.addEventListener('pointerdown', close);
    document.addEventListener('keydown', close);
    return () => {
      document.removeEventListener('pointerdown', close);
      document.removeEventListener('keydown', close);
    };
  }, [open]);
  return (
    <div className="account" ref={element}>
      <button
        type="button"
        className="account-button"
        aria-expanded={open}
        aria-label={`Signed in as ${me.id}${me.name ? `, ${me.name}` : ''}`}
        onClick={() => setOpen(!open)}
      >
        <span className="initials" aria-hidden="true" data-letters={initialsOf(me)} />
        <span className="account-name">{me.name ?? me.id}</span>
      </button>
      {open && (
        <div className="account-menu">
          <p className="account-id">{me.name ?? me.id}</p>
          {me.name && <p className="quiet">{me.id}</p>}
          <p className="quiet">
            {me.roles.length > 0 ? `Roles: ${enumerated(me.roles.map(roleWords))}.` : 'No roles.'}
          </p>
          {me.readOnly !== undefined && (
            <p className="quiet">
              You see everything and change nothing: {roleWords(me.readOnly)} is read-only.
            </p>
          )}
          <p>
            <Link to="/stand-ins" onClick={() => setOpen(false)}>
              Who signs for me
            </Link>
          </p>
          <button type="button" className="small" onClick={onSignOut}>
            Sign out
          </button>
        </div>
      )}
    </div>
  );
}

function initialsOf({ id, name }: Me): string {
  const words = (name ?? id.replace(/@.*/, '')).split(/[\s._-]+/).filter(Boolean);
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map(
    (word) => word?.charAt(0) ?? '',
  );
  return letters.join('').toUpperCase();
}

const lookEveryMs = 5_000;

/** Says that the gateway is away, and looks for it until it is back. */
function ConnectionNote() {
  const lostSince = useLostSince();
  const look = () => void get('/me').catch(() => {});
  // biome-ignore lint/correctness/useExhaustiveDependencies: `look` is the same each time.
  useEffect(() => {
    if (lostSince === undefined) return;
    const timer = setInterval(look, lookEveryMs);
    addEventListener('online', look);
    return () => {
      clearInterval(timer);
      removeEventListener('online', look);
    };
  }, [lostSince]);
  return (
    <div role="status">
      {lostSince !== undefined && (
        <div className="connection">
          <p>
            No connection to Countersign. What you see is as of {clock(lostSince)}; it is brought up to date
            once the connection is back.
          </p>
          <button type="button" className="small" onClick={look}>
            Try now
          </button>
        </div>
      )}
    </div>
  );
}
