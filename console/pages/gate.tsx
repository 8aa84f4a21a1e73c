/** What is to be signed, readable in a minute on a phone, and the two answers to it. */

import { useEffect, useRef, useState } from 'react';
import { defined } from '../../plan/defined.ts';
import { runName } from '../../plan/run-name.ts';
import { ApiError, post, stepPath } from '../api/client.ts';
import type { GateDetail, JsonObject, RunDetail, Vote, VoteReceipt } from '../api/types.ts';
import { Failed, FailedPage, Loading, Notice, PageTitle, Time, Values } from '../components/basics.tsx';
import { Confirm } from '../components/dialog.tsx';
import { useInbox } from '../components/inbox.tsx';
import { useLoaded, useSettled, useStream } from '../components/loading.ts';
import { type Change, gateChanges } from '../lib/changes.ts';
import { fieldProblems } from '../lib/form.ts';
import { Link, pathOf } from '../router.tsx';
import { AfterVote, ClosedGate } from './gate-closed.tsx';
import { GateFiles } from './gate-files.tsx';
import { useGateForm } from './gate-form.tsx';
import { GateQuestions, useQuestions } from './gate-questions.tsx';
import { GateText } from './gate-text.tsx';

interface GatePageProps {
  id: string;
  step: string;
}

interface Given {
  decision: Vote['decision'];
  receipt: VoteReceipt;
}

export function GatePage({ id, step }: GatePageProps) {
  const run = useLoaded<RunDetail>(`/runs/${encodeURIComponent(id)}`);
  const latest = useLoaded<GateDetail>(`${stepPath(id, step)}/gate`);
  const { shown, changes } = useShown(latest.data);
  const [given, setGiven] = useState<Given>();
  const questions = useQuestions(id, step);
  const reload = useSettled(() => {
    run.reload();
    latest.reload();
    questions.reload();
  }, 300);
  useStream(
    run.data && !run.data.endedAt ? () => `/runs/${encodeURIComponent(id)}/events` : undefined,
    { entry: reload, status: reload, question: questions.reload },
    reload,
  );
  const closed = latest.error instanceof ApiError && [404, 409, 410].includes(latest.error.status);
  const title = shown?.title ?? run.data?.titles[step] ?? 'Signature';
  if (run.loading || latest.loading) return <Loading what="what is to be signed" />;
  if (!run.data) return <FailedPage error={run.error} again={run.reload} />;
  const asked = <GateQuestions id={id} step={step} loaded={questions} />;
  return (
    <div className="page narrow gate">
      <PageTitle>{title}</PageTitle>
      <p className="crumbs">
        <Link to="/">Inbox</Link> / <Link to={pathOf.run(id)}>{runName(run.data)}</Link>
      </p>
      {given && shown ? (
        <AfterVote
          run={run.data}
          gate={shown}
          given={given}
          closed={closed}
          onAgain={() => setGiven(undefined)}
        />
      ) : closed ? (
        <ClosedGate run={run.data} step={step} title={title}>
          <GateFiles run={run.data} />
          {asked}
        </ClosedGate>
      ) : shown ? (
        <>
          <h1>{shown.title}</h1>
          {changes && <Changed changes={changes} />}
          <GateText run={run.data} gate={shown} />
          <GateFiles run={run.data} />
          {asked}
          <Answer
            id={id}
            gate={shown}
            onChanged={latest.reload}
            onGiven={(answer) => {
              setGiven(answer);
              scrollTo(0, 0);
            }}
          />
        </>
      ) : (
        <>
          <h1>{title}</h1>
          <Failed error={latest.error} again={latest.reload} />
        </>
      )}
    </div>
  );
}

/** What stands on the page, and what of it has changed since it was first read. */
function useShown(latest: GateDetail | undefined): {
  shown: GateDetail | undefined;
  changes: Change[] | undefined;
} {
  const [shown, setShown] = useState<GateDetail>();
  const [changes, setChanges] = useState<Change[]>();
  useEffect(() => {
    if (!latest) return;
    // While people are being asked again there is no hash to vote on yet.
    if (shown && latest.hash && shown.hash && latest.hash !== shown.hash)
      setChanges(gateChanges(shown, latest));
    if (latest.hash || !shown) setShown(latest);
  }, [latest, shown]);
  return { shown, changes };
}

function Changed({ changes }: { changes: Change[] }) {
  const element = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each time something changes.
  useEffect(() => element.current?.scrollIntoView({ block: 'nearest' }), [changes]);
  return (
    <div ref={element}>
      <Notice tone="attention" title="This has changed while you were reading." live>
        <p>Earlier votes are void. Please read what is different and answer again.</p>
        {changes.length === 0 && <p>What is different is in the details behind what stands here.</p>}
        <ul className="changes">
          {changes.map(({ what, before, after }) => (
            <li key={what}>
              {what}: <del>{before}</del> <span aria-hidden="true">→</span>
              <span className="unseen"> is now </span> <ins>{after}</ins>
            </li>
          ))}
        </ul>
      </Notice>
    </div>
  );
}

interface AnswerProps {
  id: string;
  gate: GateDetail;
  onChanged: () => void;
  onGiven: (given: Given) => void;
}

/** The two buttons. They stay at the bottom of a phone, under the thumb. */
function Answer({ id, gate, onChanged, onGiven }: AnswerProps) {
  const inbox = useInbox();
  const [asking, setAsking] = useState<{ decision: Vote['decision']; hash: string; form?: JsonObject }>();
  const filledIn = useGateForm(gate);
  if (!gate.mayVote) {
    return (
      <Notice title="You do not sign this.">
        <p>{gate.whyNot ?? 'Others are asked to.'}</p>
      </Notice>
    );
  }
  const vote = async (decision: Vote['decision'], comment: string) => {
    try {
      const receipt = await post<VoteReceipt>(`${stepPath(id, gate.step)}/vote`, {
        decision,
        hash: gate.hash,
        ...defined({ comment: comment || undefined, form: asking?.form }),
      });
      setAsking(undefined);
      inbox.reload();
      onGiven({ decision, receipt });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const { byField, rest } = fieldProblems(error.message, Object.keys(gate.form ?? {}));
      const isOfFields = error.status === 422 && rest === '';
      if (error.refusal !== 'Changed' && !isOfFields) throw error;
      setAsking(undefined);
      if (isOfFields) filledIn?.tell(byField);
      else onChanged();
    }
  };
  const mine = gate.mine?.decision;
  const ask = (decision: Vote['decision']) => {
    const form = decision === 'approve' ? filledIn?.check() : undefined;
    if (decision === 'approve' && filledIn && !form) return;
    setAsking({ decision, hash: gate.hash, ...defined({ form }) });
  };
  // What was asked about is gone once it changed under the question.
  const open = asking?.hash === gate.hash ? asking.decision : undefined;
  return (
    <>
      {filledIn?.view}
      <section className="answer" aria-label="Your answer">
        {gate.mine && (
          <p className="answer-note">
            You {mine === 'approve' ? 'approved' : 'rejected'} <Time at={gate.mine.at} />. You may change your
            vote until this closes.
          </p>
        )}
        <div className="buttons">
          <button
            type="button"
            className="primary"
            disabled={(mine === 'approve' && !gate.form) || !gate.hash}
            onClick={() => ask('approve')}
          >
            Approve
          </button>
          <button
            type="button"
            className="danger-outline"
            disabled={mine === 'reject' || !gate.hash}
            onClick={() => ask('reject')}
          >
            Reject
          </button>
        </div>
      </section>
      {open && (
        <Question
          decision={open}
          gate={gate}
          form={asking?.form}
          vote={vote}
          close={() => setAsking(undefined)}
        />
      )}
    </>
  );
}

interface QuestionProps {
  decision: Vote['decision'];
  gate: GateDetail;
  form: JsonObject | undefined;
  vote: (decision: Vote['decision'], comment: string) => Promise<void>;
  close: () => void;
}

function Question({ decision, gate, form, vote, close }: QuestionProps) {
  if (decision === 'approve')
    return (
      <Confirm
        title={`Approve “${gate.title}”?`}
        action="Approve"
        comment={{ label: 'Comment', hint: 'It becomes part of the record.' }}
        onConfirm={(comment) => vote('approve', comment)}
        onClose={close}
      >
        {form && <Values values={form} />}
        <p>{whatApprovalDoes(gate)}</p>
      </Confirm>
    );
  return (
    <Confirm
      title={`Reject “${gate.title}”?`}
      action="Reject"
      danger
      comment={{ label: 'Why?', required: true, hint: 'Whoever asked reads this.' }}
      onConfirm={(comment) => vote('reject', comment)}
      onClose={close}
    >
      <p>
        {(gate.proposals?.length ?? 0) > 0
          ? 'Your refusal is of what is asked to be changed: once too few can still approve it falls, and the run goes on with what was signed.'
          : gate.needed === 1
            ? 'The run ends here: what it has done so far is taken back, and whoever asked is told why.'
            : 'Your refusal counts as one vote. Once too few can still approve, the run ends, and what it has done so far is taken back.'}
      </p>
    </Confirm>
  );
}

function whatApprovalDoes({ preview, needed, proposals = [] }: GateDetail): string {
  if (proposals.length > 0) {
    const many = needed > 1 ? `, together with ${needed - 1} more` : '';
    return proposals.every(({ afterwards }) => afterwards)
      ? `Your signature is for what is in force already${many}.`
      : `Your signature brings what is asked to be changed into force${many}.`;
  }
  const final = preview?.steps.filter(({ effect }) => effect === 'destructive').length ?? 0;
  const all = preview?.steps.filter(({ effect }) => effect !== 'read').length ?? 0;
  const opens =
    all === 0
      ? 'Your signature lets the run go on'
      : `Your signature lets the run carry out ${all === 1 ? 'one step' : `${all} steps`}`;
  const lasting =
    final === 0
      ? ''
      : `, ${final === all ? (all === 1 ? 'which is' : 'all of them') : `${final} of them`} for good`;
  return `${opens}${lasting}${needed > 1 ? `, together with ${needed - 1} more` : ''}.`;
}
