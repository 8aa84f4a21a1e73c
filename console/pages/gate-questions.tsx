/** What was asked and suggested before signing and what was answered, while the gate is open and after it closed. */
import { type FormEvent, useEffect, useId, useRef, useState } from 'react';
import { acceptedText } from '../../presentation/gate-questions.ts';
import { messageOf, post, stepPath } from '../api/client.ts';
import type { QuestionTold } from '../api/types.ts';
import { Prose, Time } from '../components/basics.tsx';
import { type Loaded, useLoaded } from '../components/loading.ts';
import { enumerated } from '../lib/words.ts';
import { Suggest, type Suggestable, SuggestedInputs, Suggestion } from './gate-suggestions.tsx';

export interface Questions {
  questions: (QuestionTold & { overtaken?: string })[];
  /** Inputs for which whoever looks may suggest another value. */
  suggestable?: Suggestable;
  mayAsk: boolean;
  mayAnswer: boolean;
  mayAccept: boolean;
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
              <Said {...question} what={question.instead ? 'suggests' : 'asks'} />
              {question.instead && <SuggestedInputs instead={question.instead} by={question.by} />}
              {question.answers.map((answer) => (
                <Said key={answer.at} {...answer} what={question.became ?? 'answers'} />
              ))}
              {question.became === 'accepted' && question.proposed && (
                <p className="quiet">{acceptedText(question.instead ?? [], question.proposed)}</p>
              )}
              {question.answers.length === 0 && !data.mayAnswer && (
                <p className="quiet">{enumerated(question.to) || 'Nobody'} has been asked to answer.</p>
              )}
              {question.answers.length === 0 && question.overtaken !== undefined && (
                <p className="quiet">It cannot be accepted any more. {question.overtaken}</p>
              )}
              {data.mayAnswer && question.answers.length === 0 && (
                <Reply question={question} mayAccept={data.mayAccept} path={path} onSent={reload} />
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
      {data.suggestable && Object.keys(data.suggestable).length > 0 && (
        <Suggest inputs={data.suggestable} answeredBy={data.answeredBy} path={path} onSent={reload} />
      )}
    </section>
  );
}

interface ReplyProps {
  question: Questions['questions'][number];
  mayAccept: boolean;
  path: string;
  onSent: () => void;
}

/** Of whoever asked for the run: to a question an answer, to a suggestion yes or no. */
function Reply({ question, mayAccept, path, onSent }: ReplyProps) {
  const to = `${path}/${question.id}`;
  if (question.instead)
    return <Suggestion question={question} mayAccept={mayAccept} path={to} onSent={onSent} />;
  return (
    <Write label={`Your answer to ${question.by}`} action="Answer" path={`${to}/answer`} onSent={onSent} />
  );
}

interface SaidProps {
  by: string;
  at: number;
  text: string;
  what: 'asks' | 'suggests' | 'answers' | 'accepted' | 'declined';
}

function Said({ by, at, text, what }: SaidProps) {
  return (
    <div className={what === 'asks' || what === 'suggests' ? undefined : 'answered'}>
      <p className="quiet">
        {by} {saidWords[what]}, <Time at={at} />
      </p>
      {text && (
        <div className="said">
          <Prose text={text} />
        </div>
      )}
    </div>
  );
}

const saidWords: Record<SaidProps['what'], string> = {
  asks: 'asks',
  suggests: 'suggests other inputs',
  answers: 'answers',
  accepted: 'has accepted it',
  declined: 'has declined it',
};

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
