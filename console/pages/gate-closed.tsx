/** After the vote, and when there is nothing to sign any more: what became of it and what happens next. */
import type { ReactNode } from 'react';
import { stepPath } from '../api/client.ts';
import type { GateDetail, GateStory, Journal, RunDetail, Vote, VoteReceipt } from '../api/types.ts';
import { Empty, Notice, Time } from '../components/basics.tsx';
import { useInbox } from '../components/inbox.tsx';
import { useLoaded } from '../components/loading.ts';
import { journalLine } from '../lib/journal-words.ts';
import { enumerated } from '../lib/words.ts';
import { Link, pathOf } from '../router.tsx';
import { StoryText } from './gate-story.tsx';
import { pathOfItem } from './inbox.tsx';

interface AfterVoteProps {
  run: RunDetail;
  gate: GateDetail;
  given: { decision: Vote['decision']; receipt: VoteReceipt };
  /** The gate is not open any more, so that the vote stands. */
  closed: boolean;
  onAgain: () => void;
}

export function AfterVote({ run, gate, given, closed, onAgain }: AfterVoteProps) {
  const { decision, receipt } = given;
  return (
    <>
      <h1>{gate.title}</h1>
      <Notice
        tone={decision === 'approve' ? 'good' : 'plain'}
        title={decision === 'approve' ? 'Your approval counts.' : 'Your refusal counts.'}
        live
      >
        {receipt.differing && (
          <p>
            {enumerated(receipt.differing)} filled in something else before, and{' '}
            {receipt.differing.length === 1 ? 'is' : 'are'} asked again: all who sign must fill in the same.
          </p>
        )}
        {decision === 'approve' ? <Approved gate={gate} receipt={receipt} /> : <Rejected gate={gate} />}
      </Notice>
      <WhatNext run={run} onAgain={closed || receipt.approvals >= gate.needed ? undefined : onAgain} />
    </>
  );
}

function Approved({ gate, receipt }: { gate: GateDetail; receipt: VoteReceipt }) {
  const missing = receipt.needed - receipt.approvals;
  if (missing > 0) {
    return (
      <p>
        {receipt.approvals} of {receipt.needed} signatures are there. The run goes on once{' '}
        {missing === 1 ? 'one more person has' : `${missing} more have`} signed.
      </p>
    );
  }
  const next = (gate.preview?.steps ?? [])
    .filter(({ effect }) => effect !== 'read')
    .map(({ title }) => `“${title}”`);
  const named = next.length > 3 ? [...next.slice(0, 2), `${next.length - 2} more steps`] : next;
  return (
    <p>
      No more signatures are needed here. The run goes on
      {named.length > 0 && ` with ${enumerated(named)}`}, and {gateAsker(gate)} is told when it is done.
    </p>
  );
}

function gateAsker({ shown }: GateDetail): string {
  return typeof shown.requester === 'string' ? shown.requester : 'whoever asked';
}

function Rejected({ gate }: { gate: GateDetail }) {
  if ((gate.proposals?.length ?? 0) > 0) {
    return <p>What was signed stays. Once too few can approve the change it falls, and the run goes on.</p>;
  }
  if (gate.needed > 1) {
    return <p>The others may still answer. Once too few can approve, the run ends and is taken back.</p>;
  }
  return <p>The run ends: what it has done so far is taken back, and {gateAsker(gate)} is told why.</p>;
}

function WhatNext({ run, onAgain }: { run: RunDetail; onAgain: (() => void) | undefined }) {
  const [next] = (useInbox().data?.items ?? []).filter((item) => item.run.id !== run.id);
  return (
    <>
      <div className="buttons">
        {next ? (
          <Link to={pathOfItem(next)} className="button primary">
            Next: {next.title}
          </Link>
        ) : (
          <Link to="/" className="button primary">
            Back to the inbox
          </Link>
        )}
        <Link to={pathOf.run(run.id)} className="button">
          See the run
        </Link>
      </div>
      {onAgain && (
        <p>
          <button type="button" className="link" onClick={onAgain}>
            Change my vote
          </button>
        </p>
      )}
    </>
  );
}

interface ClosedGateProps {
  run: RunDetail;
  step: string;
  title: string;
  /** What was asked before it was signed. */
  children?: ReactNode;
}

/** Says from the journal what became of a gate that is not open. */
export function ClosedGate({ run, step, title, children }: ClosedGateProps) {
  const { data } = useLoaded<Journal>(`/runs/${encodeURIComponent(run.id)}/journal`);
  const story = useLoaded<GateStory>(`${stepPath(run.id, step)}/signatures`);
  const ends = ['gate.approved', 'gate.rejected', 'step.skipped', 'step.cancelled'];
  const last = data?.entries.findLast((entry) => entry.step === step && ends.includes(entry.kind));
  const line = last && journalLine(last, run.titles);
  return (
    <>
      <h1>{title}</h1>
      <Empty title={last ? 'There is nothing to sign here any more.' : 'There is nothing to sign here now.'}>
        {line && last ? (
          <p>
            {line.text}{' '}
            <span className="quiet">
              <Time at={last.at} />
            </span>
          </p>
        ) : (
          <p>
            The run has not asked for it yet, or is just preparing what is to be signed. This page shows it
            once it does.
          </p>
        )}
      </Empty>
      {story.data && <StoryText run={run} story={story.data} />}
      {children}
      <div className="buttons">
        <Link to={pathOf.run(run.id)} className="button primary">
          See the run
        </Link>
        <Link to="/" className="button">
          Back to the inbox
        </Link>
      </div>
    </>
  );
}
