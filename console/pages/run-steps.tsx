/** A run's steps in the plan's order, each with how it stands, and open for what is known of it. */
import { useEffect, useState } from 'react';
import type { Json, JsonObject, RunDetail } from '../api/types.ts';
import { Facts, Left, Prose, Tag, Time, Value, Values } from '../components/basics.tsx';
import { StateMark } from '../components/state-mark.tsx';
import { tookWords } from '../lib/time.ts';
import type { StepState, TimelineStep, TimelineVote } from '../lib/timeline.ts';
import { enumerated, isSealed, stepTag, waitingWords } from '../lib/words.ts';
import { Link, pathOf } from '../router.tsx';
import { ParkedOperations, ReassignOperation } from './step-operations.tsx';

interface RunStepsProps {
  run: RunDetail;
  steps: TimelineStep[];
  /** Something was told to the run: look again. */
  onTold: () => void;
}

export function RunSteps({ run, steps, onTold }: RunStepsProps) {
  const rows = (part: TimelineStep['outline']['part']) => (
    <ol className="timeline">
      {steps
        .filter(({ outline }) => outline.part === part)
        .map((step) => (
          <StepRow key={step.key} run={run} step={step} onTold={onTold} />
        ))}
    </ol>
  );
  return (
    <>
      {rows('steps')}
      {steps.some(({ outline }) => outline.part === 'finally') && (
        <>
          <h2 className="part-title">In any case, at the end</h2>
          {rows('finally')}
        </>
      )}
    </>
  );
}

const stateWords: Record<StepState, string> = {
  ahead: 'not yet',
  running: 'running',
  waiting: 'waiting',
  parked: 'parked',
  done: 'done',
  skipped: 'skipped',
  failed: 'failed',
  rejected: 'refused',
  expired: 'too late',
  stopped: 'stopped',
  undone: 'taken back',
  'not reached': 'not reached',
};

const reached = (state: StepState) => state !== 'ahead' && state !== 'not reached';

interface StepRowProps {
  run: RunDetail;
  step: TimelineStep;
  onTold: () => void;
}

function StepRow({ run, step, onTold }: StepRowProps) {
  const { key, outline, state } = step;
  const asks = state === 'parked' || (state === 'waiting' && outline.kind !== 'wait');
  const [opened, setOpened] = useState<boolean>();
  const anchor = `step-${key}`;
  useEffect(() => {
    if (location.hash !== `#${anchor}`) return;
    document.getElementById(anchor)?.scrollIntoView({ block: 'center' });
  }, [anchor]);
  const kind = stepTag(outline);
  const took =
    step.startedAt !== undefined && step.endedAt !== undefined ? step.endedAt - step.startedAt : undefined;
  const item = step.item ?? numbered(key.slice(outline.id.length));
  const head = (
    <>
      <StateMark state={state} />
      <span className="step-title">
        {outline.title}
        {item && !key.endsWith('.review') && <span className="quiet">: {item}</span>}
        {kind && (
          <>
            {' '}
            <Tag tone={outline.effect === 'destructive' ? 'danger' : 'plain'}>{kind}</Tag>
          </>
        )}
      </span>
      <span className="step-state">
        {stateWords[state]}
        {took !== undefined && took >= 1000 && <span className="quiet"> · {tookWords(took)}</span>}
      </span>
    </>
  );
  return (
    <li
      id={anchor}
      className={`step ${state.replace(' ', '-')}`}
      style={{ '--depth': outline.depth } as object}
    >
      {reached(state) ? (
        <details open={opened ?? asks} onToggle={({ currentTarget }) => setOpened(currentTarget.open)}>
          <summary>{head}</summary>
          <StepText run={run} step={step} onTold={onTold} />
        </details>
      ) : (
        <div className="step-head">{head}</div>
      )}
    </li>
  );
}

/** `[3]` -> `item 4`, of lists whose items have no name. */
function numbered(item: string): string {
  const numbers = [...item.matchAll(/\[(\d+)\]/g)].map(([, index]) => Number(index) + 1);
  return numbers.length > 0 ? `item ${numbers.join(', ')}` : '';
}

function StepText({ run, step, onTold }: StepRowProps) {
  const { key, outline, state, failure, waitingOn } = step;
  return (
    <div className="step-text">
      {failure && (
        <p className="step-failure">
          <Prose text={failure.message} />
          {failure.requestId && <span className="quiet"> (request {failure.requestId})</span>}
        </p>
      )}
      {step.reason && !isToldByVotes(step) && <p>{step.reason}</p>}
      {waitingOn && state !== 'parked' && (
        <p>
          Waits for {waitingWords(waitingOn)}
          {waitingOn.deadline !== undefined && (
            <>
              {' '}
              until <Time at={waitingOn.deadline} as="date" />, <Left deadline={waitingOn.deadline} />
            </>
          )}
          .
        </p>
      )}
      {waitingOn?.kind === 'gate' && (
        <div className="buttons">
          <Link to={pathOf.gate(run.id, key)} className="button small">
            Read and sign
          </Link>
          {run.mayOperate && (
            <ReassignOperation run={run.id} step={key} title={outline.title} onTold={onTold} />
          )}
        </div>
      )}
      {waitingOn?.kind === 'task' && (
        <Link to={pathOf.task(run.id, key)} className="button small">
          Open the task
        </Link>
      )}
      {state === 'parked' && run.mayOperate && !run.endedAt && (
        <ParkedOperations run={run.id} step={step} onTold={onTold} />
      )}
      <StepVotes step={step} />
      {step.progress && (
        <p>
          {step.progress.done} of {step.progress.total} done
          {step.progress.failed > 0 && `, ${step.progress.failed} failed`}.
        </p>
      )}
      <Facts
        facts={[
          step.startedAt !== undefined && { label: 'Began', value: <Time at={step.startedAt} as="date" /> },
          step.endedAt !== undefined && { label: 'Ended', value: <Time at={step.endedAt} as="date" /> },
          step.by !== undefined && { label: state === 'skipped' ? 'Skipped by' : 'Done by', value: step.by },
          step.attempts > 1 && { label: 'Tried', value: `${step.attempts} times` },
          outline.action !== undefined && {
            label: 'Action',
            value: <span title={outline.action}>{outline.does ?? outline.action}</span>,
          },
          outline.gatedBy.length > 0 && {
            label: 'Needs',
            value: enumerated(outline.gatedBy.map((gate) => `“${run.titles[gate] ?? gate}”`)),
          },
        ]}
      />
      <CallText step={step} />
    </div>
  );
}

/** Why it was refused stands with the vote, in the words of whoever refused. */
function isToldByVotes({ reason = '', votes }: TimelineStep): boolean {
  return votes.some(({ decision, comment }) => decision === 'reject' && comment && reason.includes(comment));
}

/** What an action was called with and gave, and what took it back; of other steps what they gave. */
function CallText({ step }: { step: TimelineStep }) {
  const { input, output, undone } = step;
  const named = isObject(output) ? output : undefined;
  return (
    <>
      {isObject(input) && Object.keys(input).length > 0 && (
        <div className="output">
          <h3>What it was called with</h3>
          <Values values={input} />
        </div>
      )}
      {named && Object.keys(named).length > 0 && (
        <div className="output">
          <h3>What it gave</h3>
          <Values values={named} />
        </div>
      )}
      {output !== undefined && output !== null && !named && (
        <p>
          It gave: <Value value={output} />
        </p>
      )}
      {undone && (
        <div className="output">
          <h3>Taken back with</h3>
          {isObject(undone.input) && <Values values={undone.input} />}
        </div>
      )}
    </>
  );
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isSealed(value);
}

function StepVotes({ step: { votes, approvers, needed, outline } }: { step: TimelineStep }) {
  if (outline.kind !== 'approve') return null;
  return (
    <>
      {approvers && approvers.length > 0 && (
        <p className="quiet">
          Asked: {enumerated(approvers)}
          {needed !== undefined && needed > 1 && `; ${needed} of them must sign`}.
        </p>
      )}
      {votes.length > 0 && (
        <ul className="votes">
          {votes.map((vote) => (
            <VoteLine key={vote.at + vote.by} vote={vote} />
          ))}
        </ul>
      )}
    </>
  );
}

function VoteLine({ vote }: { vote: TimelineVote }) {
  return (
    <li className={vote.void ? 'void' : undefined}>
      <span>{vote.by}</span>
      <span className="vote-word">
        <Tag tone={vote.decision === 'approve' ? 'good' : 'danger'}>
          {vote.decision === 'approve' ? 'approves' : 'rejects'}
        </Tag>{' '}
        {vote.void && <Tag>void, since it changed</Tag>}{' '}
        <span className="quiet">
          <Time at={vote.at} />
        </span>
      </span>
      {vote.comment && <span className="said">{vote.comment}</span>}
      {vote.recordedBy && (
        <span className="quiet">
          Entered by {vote.recordedBy}; minutes: {vote.minutes}
        </span>
      )}
    </li>
  );
}
