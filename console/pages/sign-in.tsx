/** Signing in: by a code sent to one's e-mail address, or by the organisation's own sign-in. */
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { messageOf, post } from '../api/client.ts';
import type { Me, SignInOptions } from '../api/types.ts';
import { Failed, Loading, Notice, PageTitle } from '../components/basics.tsx';
import { Wordmark } from '../components/frame.tsx';
import { useLoaded } from '../components/loading.ts';

interface SignInProps {
  why: string | undefined;
  onSignedIn: (me: Me) => void;
}

export function SignInPage({ why, onSignedIn }: SignInProps) {
  const { data: options, error, reload } = useLoaded<SignInOptions>('/sign-in');
  const [email, setEmail] = useState('');
  const [asked, setAsked] = useState(false);
  return (
    <main className="alone">
      <PageTitle>Sign in</PageTitle>
      <p className="wordmark large">
        <Wordmark />
      </p>
      <h1>Sign in{options && <span className="quiet"> to {options.organisation}</span>}</h1>
      {why && <Notice live>{why}</Notice>}
      {!options && (error ? <Failed error={error} again={reload} /> : <Loading what="the sign-in" />)}
      {options &&
        (asked ? (
          <CodeForm email={email} onSignedIn={onSignedIn} onBack={() => setAsked(false)} />
        ) : (
          <>
            {options.oidc && <Provider oidc={options.oidc} />}
            {options.oidc && options.local && <p className="or">or by e-mail</p>}
            {options.local && (
              <EmailForm
                email={email}
                second={options.oidc !== undefined}
                onType={setEmail}
                onAsked={() => setAsked(true)}
              />
            )}
            {!options.local && !options.oidc && (
              <Notice tone="attention" title="Nobody can sign in here yet.">
                <p>Whoever runs Countersign sets it up under signIn in countersign.yaml.</p>
              </Notice>
            )}
          </>
        ))}
    </main>
  );
}

function Provider({ oidc }: { oidc: NonNullable<SignInOptions['oidc']> }) {
  const url = new URL(oidc.url, location.origin);
  url.searchParams.set('to', location.pathname + location.search);
  return (
    <a className="button primary block" href={url.href}>
      Sign in with {oidc.title}
    </a>
  );
}

interface EmailFormProps {
  email: string;
  /** There is another way to sign in, which is the usual one. */
  second: boolean;
  onType: (email: string) => void;
  onAsked: () => void;
}

function EmailForm({ email, second, onType, onAsked }: EmailFormProps) {
  const { problem, sending, send } = useSending();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!/^[^\s@]+@[^\s@]+$/.test(email.trim())) return send(undefined, 'This must be an e-mail address.');
    return send(async () => {
      await post('/sign-in/code', { email: email.trim() });
      onAsked();
    });
  };
  return (
    <form onSubmit={submit} noValidate>
      <div className="field">
        <label htmlFor="email">Your e-mail address</label>
        <input
          id="email"
          name="email"
          type="email"
          autoComplete="username"
          inputMode="email"
          value={email}
          aria-describedby="email-note"
          aria-invalid={problem !== undefined}
          onChange={({ target }) => onType(target.value)}
        />
        <p id="email-note" className={problem ? 'problem' : 'hint'} aria-live="polite">
          {problem ?? 'A code to sign in with is sent there.'}
        </p>
      </div>
      <button type="submit" className={second ? 'block' : 'primary block'} aria-busy={sending}>
        {sending ? 'Sending …' : 'Send the code'}
      </button>
    </form>
  );
}

interface CodeFormProps {
  email: string;
  onSignedIn: (me: Me) => void;
  onBack: () => void;
}

const codeLength = 8;

function CodeForm({ email, onSignedIn, onBack }: CodeFormProps) {
  const [code, setCode] = useState('');
  const { problem, sending, send } = useSending();
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  const digits = code.replace(/\D/g, '');
  const signIn = (given: string) =>
    send(async () => {
      const me = await post<Me>('/sign-in', {
        email: email.trim(),
        code: `${given.slice(0, 4)}-${given.slice(4)}`,
      });
      onSignedIn(me);
    });
  const type = (text: string) => {
    setCode(text);
    const given = text.replace(/\D/g, '');
    // Pasted or filled in whole: nobody needs to press a button for that.
    if (given.length === codeLength && digits.length < codeLength - 1) void signIn(given);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (digits.length !== codeLength) return send(undefined, 'The code has eight digits, such as 1234-5678.');
    return signIn(digits);
  };
  return (
    <form onSubmit={submit} noValidate>
      <p>
        If <strong>{email.trim()}</strong> is known here, a code is on its way. It holds for ten minutes.
      </p>
      <div className="field">
        <label htmlFor="code">The code</label>
        <input
          id="code"
          ref={input}
          name="code"
          className="one-time-code"
          inputMode="numeric"
          autoComplete="one-time-code"
          placeholder="0000-0000"
          value={code}
          aria-describedby="code-note"
          aria-invalid={problem !== undefined}
          onChange={({ target }) => type(target.value)}
        />
        <p id="code-note" className="problem" aria-live="polite">
          {problem}
        </p>
      </div>
      <button type="submit" className="primary block" aria-busy={sending}>
        {sending ? 'Signing in …' : 'Sign in'}
      </button>
      <p className="center">
        <button type="button" className="link" onClick={onBack}>
          Another address, or a new code
        </button>
      </p>
    </form>
  );
}

function useSending() {
  const [problem, setProblem] = useState<string>();
  const [sending, setSending] = useState(false);
  const send = async (work: (() => Promise<void>) | undefined, refused?: string) => {
    setProblem(refused);
    if (!work || sending) return;
    setSending(true);
    try {
      await work();
    } catch (error) {
      setProblem(messageOf(error));
    } finally {
      setSending(false);
    }
  };
  return { problem, sending, send };
}
