/** What an operator may decide about one step: each says what it does before it is done. */

import { type ReactNode, useState } from 'react';
import { defined } from '../../plan/defined.ts';
import { post, stepPath } from '../api/client.ts';
import type { CommandReceipt } from '../api/types.ts';
import { Confirm, Refused } from '../components/dialog.tsx';
import { isProposed, Receipt } from '../components/receipt.tsx';
import type { TimelineStep } from '../lib/timeline.ts';
import { CompleteQuestion, EditQuestion, type StepQuestionProps } from './step-questions.tsx';

interface ParkedProps {
  run: string;
  step: TimelineStep;
  onTold: () => void;
}

type Operation = 'retry' | 'edit' | 'complete' | 'skip';

export function ParkedOperations({ run, step, onTold }: ParkedProps) {
  const [asking, setAsking] = useState<Operation>();
  const [receipt, setReceipt] = useState<CommandReceipt>();
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
          <button type="button" className="small" onClick={() => setAsking('edit')}>
            Try with other input
          </button>
        )}
        {!isApproval && (
          <>
            <button type="button" className="small" onClick={() => setAsking('complete')}>
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
      {Question && <Question run={run} step={step} tell={tell} close={close} />}
    </>
  );
}

function RetryQuestion({ step: { outline }, tell, close }: StepQuestionProps) {
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

function SkipQuestion({ step: { outline }, tell, close }: StepQuestionProps) {
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

const questions: Record<Operation, (props: StepQuestionProps) => ReactNode> = {
  retry: RetryQuestion,
  edit: EditQuestion,
  complete: CompleteQuestion,
  skip: SkipQuestion,
};

function withComment(comment: string): { comment?: string } {
  return comment ? { comment } : {};
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
