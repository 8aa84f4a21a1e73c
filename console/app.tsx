/** Who is signed in, and which page the address means. */
import { Suspense, useCallback, useEffect, useState } from 'react';
import { ApiError, get, post, whenSignedOut } from './api/client.ts';
import type { Me } from './api/types.ts';
import { Failed, Loading } from './components/basics.tsx';
import { Frame } from './components/frame.tsx';
import { InboxProvider } from './components/inbox.tsx';
import { MeProvider } from './components/me.ts';
import { NotFoundPage } from './pages/not-found.tsx';
import { SignInPage } from './pages/sign-in.tsx';
import { useAddress } from './router.tsx';
import { pageAt } from './routes.ts';

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
          <h1>Countersign does not answer</h1>
          <Failed error={session.error} again={look} />
        </main>
      );
    case 'out':
      // The address stays as it is, so that a link from a mail leads where it says. What they may do is asked of the gateway.
      return <SignInPage why={session.why} onSignedIn={look} />;
    case 'in': {
      const signOut = async () => {
        const out = await post<{ provider?: string }>('/sign-out').catch(() => undefined);
        // The provider ends its session and sends the browser back: else the next one to sit down here is in by a click.
        if (out?.provider) location.assign(out.provider);
        else setSession({ is: 'out', why: 'You are signed out.' });
      };
      return (
        <MeProvider value={session.me}>
          <InboxProvider>
            <Frame me={session.me} onSignOut={signOut}>
              <Page />
            </Frame>
          </InboxProvider>
        </MeProvider>
      );
    }
  }
}

function Page() {
  const { path } = useAddress();
  const page = pageAt(path);
  // What is fetched of a page's script is small, and mostly there before the answer to who is signed in.
  return <Suspense fallback={<Loading what="the page" />}>{page ?? <NotFoundPage />}</Suspense>;
}
