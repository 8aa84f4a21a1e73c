/** What pages are made of: times, people, tags, facts, and the states in which there is nothing to show. */
import type { ReactNode } from 'react';
import { ApiError, messageOf } from '../api/client.ts';
import type { Conflict, Json, Ticket } from '../api/types.ts';
import { dateWords, exact, leftWords, relative, soonMs } from '../lib/time.ts';
import { fieldWords, isSealed, plainText, sealedWords, webAddress } from '../lib/words.ts';
import { Link, pathOf } from '../router.tsx';
import { useNow } from './loading.ts';

const millis = (at: number | string) => (typeof at === 'number' ? at : Date.parse(at));

/** A moment, as `5 minutes ago`, or as a date; exactly on hover. */
export function Time({ at, as = 'relative' }: { at: number | string; as?: 'relative' | 'date' }) {
  const now = useNow();
  const moment = millis(at);
  return (
    <time dateTime={new Date(moment).toISOString()} title={exact(moment)}>
      {as === 'date' ? dateWords(moment, now) : relative(moment, now)}
    </time>
  );
}

/** How long is left; stands out when it is little. */
export function Left({ deadline }: { deadline: number }) {
  const now = useNow();
  const left = deadline - now;
  const urgency = left < 0 ? 'overdue' : left < soonMs ? 'soon' : 'calm';
  return (
    <time className={`left ${urgency}`} dateTime={new Date(deadline).toISOString()} title={exact(deadline)}>
      {leftWords(deadline, now)}
    </time>
  );
}

/** A change beside the one that is looked at: a way to it for whoever may see it, and its name for everybody. */
export function OtherChange({ change: { run, title } }: { change: Conflict }) {
  return run === undefined ? title : <Link to={pathOf.run(run)}>{title}</Link>;
}

export function TicketLink({ ticket }: { ticket: Ticket }) {
  const address = webAddress(ticket.url);
  const text = (
    <>
      <span className="nowrap">{ticket.key}</span>
      {ticket.summary && ` ${ticket.summary}`}
    </>
  );
  if (!address) return <span>{text}</span>;
  return (
    <a href={address} target="_blank" rel="noreferrer">
      {text}
    </a>
  );
}

export function Tag({
  tone = 'plain',
  children,
}: {
  tone?: 'plain' | 'danger' | 'attention' | 'good';
  children: ReactNode;
}) {
  return <span className={`tag ${tone}`}>{children}</span>;
}

export interface Fact {
  label: string;
  value: ReactNode;
}

export function Facts({ facts }: { facts: (Fact | false | undefined)[] }) {
  const there = facts.filter((fact) => fact !== false && fact !== undefined);
  if (there.length === 0) return null;
  return (
    <dl className="facts">
      {there.map(({ label, value }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two facts may have one label, and their order stays.
        <div key={`${label} ${index}`}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Named values, each by its name in words. */
export function Values({ values }: { values: Record<string, Json> }) {
  const entries = Object.entries(values);
  if (entries.length === 0) return <p className="quiet">None.</p>;
  return (
    <Facts
      facts={entries.map(([name, value]) => ({ label: fieldWords(name), value: <Value value={value} /> }))}
    />
  );
}

export function Value({ value }: { value: Json }) {
  if (isSealed(value)) {
    return (
      <span title="Kept sealed: only the steps that need it can open it.">
        <Tag tone={sealedWords(value) === 'sealed, changed' ? 'attention' : 'plain'}>
          {sealedWords(value)}
        </Tag>
      </span>
    );
  }
  if (typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value)) {
    return (
      <time dateTime={value} title={value}>
        {new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeZone: 'UTC' }).format(Date.parse(value))}
      </time>
    );
  }
  if (Array.isArray(value) && value.some((item) => typeof item === 'object' && item !== null)) {
    return (
      <ol className="values">
        {value.map((item, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a list that never changes order.
          <li key={index}>
            <Value value={item} />
          </li>
        ))}
      </ol>
    );
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return <Values values={value} />;
  if (typeof value === 'string' && value.includes('\n')) return <span className="said">{value}</span>;
  return <>{plainText(value)}</>;
}

export function Notice({
  tone = 'plain',
  title,
  children,
  live = false,
}: {
  tone?: 'plain' | 'danger' | 'attention' | 'good';
  title?: string;
  children?: ReactNode;
  /** It appeared just now: to be read out. */
  live?: boolean;
}) {
  return (
    <div className={`notice ${tone}`} role={live ? (tone === 'danger' ? 'alert' : 'status') : undefined}>
      {title && <p className="notice-title">{title}</p>}
      {children}
    </div>
  );
}

/** Nothing there, and that is fine. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <p className="empty-title">{title}</p>
      {children}
    </div>
  );
}

export function Loading({ what }: { what: string }) {
  return (
    <p className="loading" role="status">
      Loading {what} …
    </p>
  );
}

/** What could not be loaded, in the gateway's words, with a way out. */
export function Failed({ error, again }: { error: unknown; again: () => void }) {
  return (
    <Notice tone="danger" title="This could not be loaded." live>
      <p>{messageOf(error)}</p>
      <p>
        <button type="button" className="small" onClick={again}>
          Try again
        </button>
      </p>
    </Notice>
  );
}

/** A page of which nothing could be loaded: with a heading as any page, and a way on. */
export function FailedPage({ error, again }: { error: unknown; again: () => void }) {
  const { title, mayHelp } = failureWords(error);
  return (
    <div className="page narrow">
      <PageTitle>{title}</PageTitle>
      <h1>{title}</h1>
      <Notice tone="danger" live>
        <p>
          <Prose text={messageOf(error)} />
        </p>
      </Notice>
      <div className="buttons">
        {mayHelp && (
          <button type="button" onClick={again}>
            Try again
          </button>
        )}
        <Link to="/" className="button">
          Back to the inbox
        </Link>
        <Link to="/runs" className="button">
          See the runs
        </Link>
      </div>
    </div>
  );
}

/** What is not there, and what somebody may not see, is no other at the next try. */
function failureWords(error: unknown): { title: string; mayHelp: boolean } {
  const status = error instanceof ApiError ? error.status : undefined;
  if (status === 403) return { title: 'This is not for you to see', mayHelp: false };
  if (status === 404) return { title: 'There is no such page', mayHelp: false };
  return { title: 'This could not be loaded', mayHelp: true };
}

/** What a system or a check says; it marks names by backticks. */
export function Prose({ text }: { text: string }) {
  const parts = text.split('`');
  // biome-ignore lint/suspicious/noArrayIndexKey: parts of one text keep their places.
  return parts.map((part, index) => (index % 2 === 1 ? <code key={index}>{part}</code> : part));
}

export function PageTitle({ children }: { children: string }) {
  return <title>{`${children} · Countersign`}</title>;
}
