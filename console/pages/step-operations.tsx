/** What an operator may decide about one step: each says what it does before it is done. */

import { type ReactNode, useState } from 'react';
import { defined } from '../../plan/defined.ts';
import { post, stepPath } from '../api/client.ts';
import type { CommandReceipt, JsonObject } from '../api/types.ts';
import { Confirm, Refused } from '../components/dialog.tsx';
import { JsonEditor, problemIn } from '../components/json-editor.tsx';
import { isProposed, Receipt } from '../components/receipt.tsx';
import { parsedObject } from '../lib/form.ts';
import type { TimelineStep } from '../lib/timeline.ts';

interface ParkedProps {
  run: string;
  step: TimelineStep;
  onTold: () => void;
}

const empty = '{\n  \n}';

type Operation = 'retry' | 'edit' | 'complete' | 'skip';

export function ParkedOperations({ run, step, onTold }: ParkedProps) {
  const [asking, setAsking] = useState<Operation>();
  const [receipt, setReceipt] = useState<CommandReceipt>();
  const [json, setJson] = useState(empty);
  const { outline, key } = step;
  const tell = async (command: string, body: object) => {
    const answer = await post<CommandReceipt>(`${stepPath(run, key)}/${command}`, body);
    setAsking(undefined);
    if (isProposed(answer)) setReceipt(answer);
    onTold();
  };
  const close = () => setAsking(undefined);
  const Question = asking && questions[asking];
  const isApproval = outline.kind === 'approve';
  return (
    <>
      <div className="buttons">
        <button type="button" className="primary small" onClick={() => setAsking('retry')}>
          Try again
        </button>
        {outline.kind === 'action' && (
          <button
            type="button"
            className="small"
            onClick={() => {
              setJson(step.input === undefined ? empty : JSON.stringify(step.input, null, 2));
              setAsking('edit');
            }}
          >
            Try with other input
          </button>
        )}
        {!isApproval && (
          <>
            <button
              type="button"
              className="small"
              onClick={() => {
                setJson(empty);
                setAsking('complete');
              }}
            >
              Complete by hand
            </button>
            <button type="button" className="small" onClick={() => setAsking('skip')}>
              Skip
            </button>
          </>
        )}
      </div>
      {receipt && (
        <Receipt
          receipt={receipt}
          what={`what was decided about “${outline.title}”`}
          onClose={() => setReceipt(undefined)}
        />
      )}
      {Question && <Question step={step} json={json} onType={setJson} tell={tell} close={close} />}
    </>
  );
}

interface QuestionProps {
  step: TimelineStep;
  /** What is typed in its editor, where it has one. */
  json: string;
  onType: (json: string) => void;
  tell: (command: string, body: object) => Promise<void>;
  close: () => void;
}

function RetryQuestion({ step: { outline }, tell, close }: QuestionProps) {
  return (
    <Confirm
      title={`Try “${outline.title}” again?`}
      action="Try again"
      comment={{ label: 'Comment', hint: 'What was put right, for the record.' }}
      onConfirm={(comment) => tell('retry', withComment(comment))}
      onClose={close}
    >
      <p>The step is carried out once more with the same input. It is safe to repeat.</p>
    </Confirm>
  );
}

function EditQuestion({ step: { outline }, json, onType, tell, close }: QuestionProps) {
  return (
    <Confirm
      title={`Try “${outline.title}” with other input?`}
      action="Try with this input"
      comment={{ label: 'Comment', hint: 'Why the input is different, for the record.' }}
      onConfirm={async (comment) => tell('retry', { with: typed(json), ...withComment(comment) })}
      onClose={close}
    >
      <p>
        What you write replaces all of the step’s input
        {outline.action && (
          <>
            {' '}
            to <code>{outline.action}</code>
          </>
        )}
        , for this and later attempts. Other steps keep theirs. Where people signed for this step, they are
        asked first: until they sign it, the step waits.
      </p>
      <JsonEditor
        label="Input, as JSON"
        hint="Every value the action needs, by name. Leave what is sealed as it stands."
        text={json}
        onType={onType}
      />
    </Confirm>
  );
}

function CompleteQuestion({ step: { outline }, json, onType, tell, close }: QuestionProps) {
  return (
    <Confirm
      title={`Complete “${outline.title}” by hand?`}
      action="It is done"
      comment={{ label: 'Comment', hint: 'Where and how it was done, for the record.' }}
      onConfirm={async (comment) => tell('complete', { output: typed(json), ...withComment(comment) })}
      onClose={close}
    >
      <p>
        You say that it was done outside Countersign. Nothing is carried out; later steps use what you write
        here as what the step gave. Where people signed what depends on it, they are asked first.
      </p>
      <JsonEditor
        label="What it gave, as JSON"
        hint="By name, as the step would have given it."
        text={json}
        onType={onType}
      />
    </Confirm>
  );
}

function SkipQuestion({ step: { outline }, tell, close }: QuestionProps) {
  return (
    <Confirm
      title={`Skip “${outline.title}”?`}
      action="Skip the step"
      danger
      comment={{ label: 'Why?', required: true, hint: 'It becomes part of the evidence.' }}
      onConfirm={(comment) => tell('skip', { comment })}
      onClose={close}
    >
      <p>The run goes on without this step: what it should have done stays undone.</p>
    </Confirm>
  );
}

const questions: Record<Operation, (props: QuestionProps) => ReactNode> = {
  retry: RetryQuestion,
  edit: EditQuestion,
  complete: CompleteQuestion,
  skip: SkipQuestion,
};

function withComment(comment: string): { comment?: string } {
  return comment ? { comment } : {};
}

function typed(json: string): JsonObject {
  const problem = problemIn(json);
  if (problem) throw new Refused(problem);
  return parsedObject(json);
}

interface ReassignProps {
  run: string;
  step: string;
  title: string;
  onTold: () => void;
}

export function ReassignOperation({ run, step, title, onTold }: ReassignProps) {
  const [asking, setAsking] = useState(false);
  const [people, setPeople] = useState('');
  const confirm = async (comment: string) => {
    const from = people.split(/[\s,;]+/).filter(Boolean);
    if (from.length === 0) throw new Refused('Name at least one person or role.');
    await post(`${stepPath(run, step)}/reassign`, { from, ...defined({ comment: comment || undefined }) });
    setAsking(false);
    onTold();
  };
  return (
    <>
      <button type="button" className="small" onClick={() => setAsking(true)}>
        Ask others
      </button>
      {asking && (
        <Confirm
          title={`Ask others to sign “${title}”?`}
          action="Ask them"
          comment={{ label: 'Comment' }}
          onConfirm={confirm}
          onClose={() => setAsking(false)}
        >
          <p>
            They are asked instead of those who are asked now. Votes of whoever stays asked keep counting.
          </p>
          <div className="field">
            <label htmlFor="reassign-people">Who signs</label>
            <input
              id="reassign-people"
              autoComplete="off"
              value={people}
              aria-describedby="reassign-hint"
              onChange={({ target }) => setPeople(target.value)}
            />
            <p id="reassign-hint" className="hint">
              E-mail addresses, and roles such as role:it-managers.
            </p>
          </div>
        </Confirm>
      )}
    </>
  );
}
