/** Who is signed in, and which page the address means. */
import { type ReactNode, useCallback, useEffect, useState } from 'react';
import { ApiError, get, post, whenSignedOut } from './api/client.ts';
import type { Me } from './api/types.ts';
import { Failed, Loading } from './components/basics.tsx';
import { Frame } from './components/frame.tsx';
import { InboxProvider } from './components/inbox.tsx';
import { GatePage } from './pages/gate.tsx';
import { InboxPage } from './pages/inbox.tsx';
import { NotFoundPage } from './pages/not-found.tsx';
import { PersonPage } from './pages/person.tsx';
import { RefusalsPage } from './pages/refusals.tsx';
import { RunPage } from './pages/run.tsx';
import { RunbookPage } from './pages/runbook.tsx';
import { RunbooksPage } from './pages/runbooks.tsx';
import { RunsPage } from './pages/runs.tsx';
import { SignInPage } from './pages/sign-in.tsx';
import { StartPage } from './pages/start.tsx';
import { TaskPage } from './pages/task.tsx';
import { matched, useAddress } from './router.tsx';

type Session =
  | { is: 'unknown' }
  | { is: 'unreachable'; error: unknown }
  | { is: 'out'; why?: string }
  | { is: 'in'; me: Me };

export function App() {
  const [session, setSession] = useState<Session>({ is: 'unknown' });
  const look = useCallback(() => {
    get<Me>('/me').then(
      (me) => setSession({ is: 'in', me }),
      (error: unknown) => {
        const out = error instanceof ApiError && error.status === 401;
        setSession(out ? { is: 'out' } : { is: 'unreachable', error });
      },
    );
  }, []);
  useEffect(() => {
    whenSignedOut(() =>
      setSession((before) =>
        before.is === 'in' ? { is: 'out', why: 'Your session has ended. Sign in to go on.' } : before,
      ),
    );
    look();
  }, [look]);
  switch (session.is) {
    case 'unknown':
      return <Loading what="the console" />;
    case 'unreachable':
      return (
        <main className="alone">
          <Failed error={session.error} again={look} />
        </main>
      );
    case 'out':
      // The address stays as it is, so that a link from a mail leads where it says.
      return <SignInPage why={session.why} onSignedIn={(me) => setSession({ is: 'in', me })} />;
    case 'in': {
      const signOut = async () => {
        const out = await post<{ provider?: string }>('/sign-out').catch(() => undefined);
        // The provider ends its session and sends the browser back: else the next one to sit down here is in by a click.
        if (out?.provider) location.assign(out.provider);
        else setSession({ is: 'out', why: 'You are signed out.' });
      };
      return (
        <InboxProvider>
          <Frame me={session.me} onSignOut={signOut}>
            <Page />
          </Frame>
        </InboxProvider>
      );
    }
  }
}

const pages: [pattern: string, page: (values: Record<string, string>) => ReactNode][] = [
  ['/', () => <InboxPage />],
  ['/runs', () => <RunsPage />],
  ['/runs/:id', ({ id = '' }) => <RunPage key={id} id={id} view="steps" />],
  ['/runs/:id/journal', ({ id = '' }) => <RunPage key={id} id={id} view="journal" />],
  ['/runs/:id/gates/:step', ({ id = '', step = '' }) => <GatePage key={id + step} id={id} step={step} />],
  ['/runs/:id/tasks/:step', ({ id = '', step = '' }) => <TaskPage key={id + step} id={id} step={step} />],
  ['/people/:person', ({ person = '' }) => <PersonPage key={person} person={person} />],
  ['/refusals', () => <RefusalsPage />],
  ['/runbooks', () => <RunbooksPage />],
  ['/runbooks/:name', ({ name = '' }) => <RunbookPage key={name} name={name} />],
  ['/runbooks/:name/start', ({ name = '' }) => <StartPage key={name} name={name} />],
];

function Page() {
  const { path } = useAddress();
  for (const [pattern, page] of pages) {
    const values = matched(pattern, path);
    if (values) return page(values);
  }
  return <NotFoundPage />;
}
