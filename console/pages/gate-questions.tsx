/** What was asked before signing and what was answered, while the gate is open and after it closed. */
import { type FormEvent, useEffect, useId, useRef, useState } from 'react';
import { messageOf, post, stepPath } from '../api/client.ts';
import type { QuestionTold } from '../api/types.ts';
import { Prose, Time } from '../components/basics.tsx';
import { type Loaded, useLoaded } from '../components/loading.ts';
import { enumerated } from '../lib/words.ts';

export interface Questions {
  questions: QuestionTold[];
  mayAsk: boolean;
  mayAnswer: boolean;
  answeredBy: string[];
}

const pathOfQuestions = (id: string, step: string) => `${stepPath(id, step)}/questions`;

export function useQuestions(id: string, step: string): Loaded<Questions> {
  return useLoaded<Questions>(pathOfQuestions(id, step));
}

interface GateQuestionsProps {
  id: string;
  step: string;
  loaded: Loaded<Questions>;
}

export function GateQuestions({ id, step, loaded: { data, reload } }: GateQuestionsProps) {
  const path = pathOfQuestions(id, step);
  const element = useRef<HTMLElement>(null);
  const isShown = data !== undefined && (data.questions.length > 0 || data.mayAsk);
  // A mail leads here, where there was nothing yet when the browser looked for it.
  useEffect(() => {
    if (isShown && location.hash === '#questions') element.current?.scrollIntoView();
  }, [isShown]);
  if (!data || !isShown) return null;
  return (
    <section ref={element} aria-labelledby="questions">
      <h2 id="questions">Questions</h2>
      {data.questions.length > 0 && (
        <ol className="plain-list questions">
          {data.questions.map((question) => (
            <li key={question.id}>
              <Said {...question} what="asks" />
              {question.answers.map((answer) => (
                <Said key={answer.at} {...answer} what="answers" />
              ))}
              {question.answers.length === 0 && !data.mayAnswer && (
                <p className="quiet">{enumerated(question.to) || 'Nobody'} has been asked to answer.</p>
              )}
              {data.mayAnswer && question.answers.length === 0 && (
                <Write
                  label={`Your answer to ${question.by}`}
                  action="Answer"
                  path={`${path}/${question.id}/answer`}
                  onSent={reload}
                />
              )}
            </li>
          ))}
        </ol>
      )}
      {data.mayAsk && (
        <Write
          label="Ask before you sign"
          hint={`Nothing is refused by it. ${enumerated(data.answeredBy)} ${data.answeredBy.length === 1 ? 'is' : 'are'} told, and you are when there is an answer.`}
          action="Ask"
          path={path}
          onSent={reload}
        />
      )}
    </section>
  );
}

function Said({ by, at, text, what }: { by: string; at: number; text: string; what: 'asks' | 'answers' }) {
  return (
    <div className={what === 'answers' ? 'answered' : undefined}>
      <p className="quiet">
        {by} {what}, <Time at={at} />
      </p>
      <div className="said">
        <Prose text={text} />
      </div>
    </div>
  );
}

interface WriteProps {
  label: string;
  hint?: string;
  action: string;
  path: string;
  onSent: () => void;
}

function Write({ label, hint, action, path, onSent }: WriteProps) {
  const id = useId();
  const [text, setText] = useState('');
  const [problem, setProblem] = useState<string>();
  const [sending, setSending] = useState(false);
  const send = async (event: FormEvent) => {
    event.preventDefault();
    if (sending) return;
    if (!text.trim()) {
      setProblem('Please write something.');
      document.getElementById(id)?.focus();
      return;
    }
    setSending(true);
    setProblem(undefined);
    try {
      await post(path, { text: text.trim() });
      setText('');
      onSent();
    } catch (error) {
      setProblem(messageOf(error));
    } finally {
      setSending(false);
    }
  };
  return (
    <form onSubmit={send} noValidate>
      <div className="field">
        <label htmlFor={id}>{label}</label>
        <textarea
          id={id}
          rows={2}
          maxLength={4000}
          value={text}
          aria-describedby={`${id}-hint`}
          onChange={({ target }) => setText(target.value)}
        />
        <p id={`${id}-hint`} className={problem ? 'problem' : 'hint'} aria-live="polite">
          {problem ?? `${hint ? `${hint} ` : ''}It becomes part of the record.`}
        </p>
      </div>
      <button type="submit" className="small below" aria-busy={sending}>
        {action}
      </button>
    </form>
  );
}
