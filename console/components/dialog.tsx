/** Questions that must be answered before something is done. */
import { type FormEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { messageOf } from '../api/client.ts';

interface DialogProps {
  title: string;
  /** As wide as the screen lets it be. */
  wide?: boolean;
  onClose: () => void;
  children: ReactNode;
}

/** The browser's own modal dialog: it holds the focus, and Escape closes it. */
export function Dialog({ title, wide = false, onClose, children }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    element.current?.showModal();
  }, []);
  return (
    <dialog ref={element} className={wide ? 'wide' : undefined} aria-labelledby={id} onClose={onClose}>
      <h2 id={id}>{title}</h2>
      {children}
    </dialog>
  );
}

interface ConfirmProps {
  title: string;
  /** What it does, so that nobody has to guess. */
  children?: ReactNode;
  /** The words on the button that does it. */
  action: string;
  danger?: boolean;
  comment?: { label: string; required?: boolean; hint?: string };
  /** Throws when it was refused: its words are shown, and the question stays open. */
  onConfirm: (comment: string) => Promise<void>;
  onClose: () => void;
}

export function Confirm({
  title,
  children,
  action,
  danger = false,
  comment,
  onConfirm,
  onClose,
}: ConfirmProps) {
  const [text, setText] = useState('');
  const [problem, setProblem] = useState<string>();
  const [missing, setMissing] = useState(false);
  const [sending, setSending] = useState(false);
  const [id, hint] = [useId(), useId()];
  const send = async (event: FormEvent) => {
    event.preventDefault();
    if (sending) return;
    if (comment?.required && !text.trim()) {
      setMissing(true);
      document.getElementById(id)?.focus();
      return;
    }
    setSending(true);
    setProblem(undefined);
    try {
      await onConfirm(text.trim());
    } catch (error) {
      setProblem(error instanceof Refused ? error.message : messageOf(error));
      setSending(false);
    }
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form onSubmit={send} noValidate>
        {children}
        {comment && (
          <div className="field">
            <label htmlFor={id}>
              {comment.label} {!comment.required && <span className="optional">optional</span>}
            </label>
            <textarea
              id={id}
              rows={3}
              maxLength={4000}
              value={text}
              aria-required={comment.required}
              aria-invalid={missing && !text.trim()}
              aria-describedby={hint}
              onChange={(event) => setText(event.target.value)}
            />
            <p id={hint} className={missing && !text.trim() ? 'problem' : 'hint'}>
              {missing && !text.trim() ? 'Please say why.' : comment.hint}
            </p>
          </div>
        )}
        {problem && (
          <p className="problem" role="alert">
            {problem}
          </p>
        )}
        <div className="buttons">
          <button type="submit" className={danger ? 'danger' : 'primary'} aria-busy={sending}>
            {sending ? 'Sending …' : action}
          </button>
          <button type="button" onClick={onClose}>
            Back
          </button>
        </div>
      </form>
    </Dialog>
  );
}

/** What the page itself finds wrong before anything is sent. */
export class Refused extends Error {}
