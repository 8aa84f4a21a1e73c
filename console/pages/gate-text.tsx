/** What an approver reads: who asks and why, what is shown, what the signature opens, and how the votes stand. */
import type { GateDetail, Json, PreviewedStep, RunDetail, Vote } from '../api/types.ts';
import {
  Facts,
  Left,
  Notice,
  OtherChange,
  Prose,
  Tag,
  TicketLink,
  Time,
  Value,
  Values,
} from '../components/basics.tsx';
import { Difference } from '../components/difference.tsx';
import { useNow } from '../components/loading.ts';
import { Systems } from '../components/systems.tsx';
import { differs } from '../lib/filled-in.ts';
import { countsLater, inputsBesides, restOf } from '../lib/shown.ts';
import { enumerated, nameWords } from '../lib/words.ts';
import { ByHand, Proposed, Unmet } from './gate-changes.tsx';
import { Done } from './gate-done.tsx';

export function GateText({ run, gate }: { run: RunDetail; gate: GateDetail }) {
  const { show, filledIn } = gate.shown;
  const inputs = (gate.shown.inputs ?? run.live?.inputs ?? {}) as Record<string, Json>;
  const rest = restOf(gate.shown, run.titles);
  const besides = show === undefined ? {} : inputsBesides(show, inputs);
  const folded = Object.keys(besides).length + rest.length;
  const problems = gate.preview?.steps.filter((step) => step.problems && step.problems.length > 0) ?? [];
  return (
    <>
      <Proposed run={run} gate={gate} />
      <Unmet gate={gate} />
      <Facts
        facts={[
          {
            label: 'Asked by',
            value: gate.shown.askerNotKnown
              ? `${run.requester} (not known by address: sign only if it was not yourself)`
              : run.requester,
          },
          run.ticket && { label: 'Ticket', value: <TicketLink ticket={run.ticket} /> },
          {
            label: 'Answer',
            value:
              gate.deadline === undefined ? (
                <>
                  no deadline, asked <Time at={gate.openedAt} />
                </>
              ) : (
                <>
                  by <Time at={gate.deadline} as="date" />, <Left deadline={gate.deadline} />
                </>
              ),
          },
        ]}
      />
      {problems.length > 0 && <Problems steps={problems} />}
      <section aria-labelledby="shown">
        <h2 id="shown">What it is about</h2>
        {show !== undefined && <Shown show={show} />}
        {show === undefined && <Values values={inputs} />}
        {filledIn !== undefined && (
          <>
            <p>Filled in and signed:</p>
            <Shown show={filledIn} />
          </>
        )}
        {folded > 0 && (
          <details>
            <summary className="more">
              {folded} more {folded === 1 ? 'value' : 'values'} behind {gate.mayVote ? 'your' : 'the'}{' '}
              signature
            </summary>
            <Values values={besides} />
            <Facts facts={rest.map(([label, value]) => ({ label, value: <Value value={value} /> }))} />
          </details>
        )}
      </section>
      <ByHand run={run} gate={gate} />
      <Done gate={gate} />
      <ChangeText gate={gate} />
      {(gate.proposals?.length ?? 0) === 0 && <Opens gate={gate} />}
      <Votes gate={gate} />
    </>
  );
}

function Shown({ show }: { show: Json }) {
  if (typeof show === 'object' && show !== null && !Array.isArray(show)) return <Values values={show} />;
  return (
    <p>
      <Value value={show} />
    </p>
  );
}

function Problems({ steps }: { steps: PreviewedStep[] }) {
  return (
    <Notice
      tone="danger"
      title={
        steps.length === 1 ? 'One step will have a problem.' : `${steps.length} steps will have problems.`
      }
    >
      <ul>
        {steps.flatMap(({ step, title, problems = [] }) =>
          problems.map((problem) => (
            <li key={step + problem}>
              {title}: <Prose text={problem} />
            </li>
          )),
        )}
      </ul>
    </Notice>
  );
}

/** Of changes and maintenance: what the board weighs. */
function ChangeText({ gate: { change, window, conflicts } }: { gate: GateDetail }) {
  if (!change && !window) return null;
  const risk = change?.risk;
  return (
    <section aria-labelledby="risk">
      <h2 id="risk">Risk and way back</h2>
      <Facts
        facts={[
          risk !== undefined && {
            label: 'Risk',
            value: (
              <Tag
                tone={
                  /high|severe|critical/i.test(risk)
                    ? 'danger'
                    : /medium|moderate/i.test(risk)
                      ? 'attention'
                      : 'plain'
                }
              >
                {risk}
              </Tag>
            ),
          },
          change?.affects &&
            change.affects.length > 0 && { label: 'Affects', value: enumerated(change.affects) },
          window && { label: 'Window', value: <WindowText window={window} /> },
          conflicts !== undefined && {
            label: 'At the same time',
            value: (
              <>
                <Tag tone="attention">in each other’s way</Tag>
                {conflicts.map((other, index) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: of some only the title may be told, and two may have one.
                  <span key={index} className="row-about">
                    <OtherChange change={other} />, on {enumerated(other.affects)}
                  </span>
                ))}
              </>
            ),
          },
          window?.frozenBy !== undefined && {
            label: 'Freeze',
            value: <Tag tone="attention">{`frozen by ${nameWords(window.frozenBy)}`}</Tag>,
          },
          change?.backout !== undefined && { label: 'Way back', value: change.backout },
        ]}
      />
    </section>
  );
}

function WindowText({ window }: { window: NonNullable<GateDetail['window']> }) {
  const name = nameWords(window.title || window.calendar);
  if (window.opensAt === undefined) return <>{name}</>;
  return (
    <>
      {name}: <Time at={window.opensAt} as="date" />
      {window.closesAt !== undefined && (
        <>
          {' '}
          until <Time at={window.closesAt} as="date" />
        </>
      )}
    </>
  );
}

/** Where the steps do not wait for the signature, as it was foreseen, without what was done since. */
function Opens({ gate: { preview, done, systems = {}, mayVote } }: { gate: GateDetail }) {
  const already = new Set(done?.filter(({ outcome }) => outcome === 'done').map(({ step }) => step));
  const steps = preview?.steps.filter(({ step }) => !already.has(step)) ?? [];
  if (done && done.length > 0 && steps.length === 0) return null;
  return (
    <section aria-labelledby="opens">
      <h2 id="opens">
        {done
          ? `What follows, whether ${mayVote ? 'you have signed' : 'it is signed'} or not`
          : `What ${mayVote ? 'your' : 'the'} signature opens`}
      </h2>
      {steps.length === 0 && (
        <p className="quiet">
          {preview?.stopped ? 'No step could be looked at beforehand.' : 'No step that changes anything.'}
        </p>
      )}
      {steps.length > 0 && (
        <ol className="opens">
          {steps.map((step) => (
            <li key={step.step}>
              <span className="opens-title">
                {step.title} {step.effect === 'destructive' && <Tag tone="danger">for good</Tag>}
              </span>
              <span className={step.nothingToDo ? 'quiet' : undefined}>
                {step.summary ?? 'it could not be looked at beforehand what this would do'}
                {step.nothingToDo && ' (nothing to do)'}
              </span>
              {step.problems?.map((problem) => (
                <span key={problem} className="opens-problem">
                  <Prose text={problem} />
                </span>
              ))}
              {step.difference && <Difference text={step.difference} />}
            </li>
          ))}
        </ol>
      )}
      <Systems systems={systems} />
      {preview?.stopped && (
        <p className="quiet">What comes after could not be looked at: {preview.stopped}</p>
      )}
    </section>
  );
}

function Votes({ gate }: { gate: GateDetail }) {
  const latest = new Map<string, Vote>();
  for (const vote of gate.votes) latest.set(vote.principal.id, vote);
  const people = [...new Set([...gate.approvers, ...latest.keys()])];
  const approved = gate.approvers.filter((person) => {
    const vote = latest.get(person);
    return vote?.decision === 'approve' && !isDiffering(gate, vote);
  }).length;
  return (
    <section aria-labelledby="votes">
      <h2 id="votes">Signatures</h2>
      <p>
        {approved} of {gate.needed} needed
        {gate.approvers.length > gate.needed && `, from ${gate.approvers.length} people who may sign`}.
      </p>
      <ul className="votes">
        {people.map((person) => (
          <VoteLine
            key={person}
            person={person}
            vote={latest.get(person)}
            differing={isDiffering(gate, latest.get(person))}
            instead={insteadOf(gate, person)}
          />
        ))}
      </ul>
    </section>
  );
}

function isDiffering(gate: GateDetail, vote: Vote | undefined): boolean {
  return vote !== undefined && differs(gate, vote);
}

/** For whom somebody stands in. */
function insteadOf({ standIns = {} }: GateDetail, person: string): string[] {
  const away = standIns[person];
  return away === undefined ? [] : [away];
}

interface VoteLineProps {
  person: string;
  vote: Vote | undefined;
  /** It carries other values than the newest, and does not count. */
  differing: boolean;
  instead: string[];
}

function VoteLine({ person, vote, differing, instead }: VoteLineProps) {
  const now = useNow();
  const later = vote && countsLater(vote, now);
  return (
    <li>
      <span>
        {person}
        {instead.length > 0 && <span className="quiet"> for {enumerated(instead)}, who is away</span>}
      </span>
      <span className="vote-word">
        {!vote && <span className="quiet">not yet</span>}
        {vote && (
          <>
            <Tag tone={vote.decision === 'approve' ? 'good' : 'danger'}>
              {vote.decision === 'approve' ? 'approves' : 'rejects'}
            </Tag>{' '}
            <span className="quiet">
              <Time at={vote.at} />
            </span>
          </>
        )}
      </span>
      {vote?.comment && <span className="said">{vote.comment}</span>}
      {vote?.form && <Values values={vote.form} />}
      {differing && <span className="quiet">Other values came later, so that this does not count.</span>}
      {vote?.recorded && (
        <span className="quiet">
          Entered by {vote.recorded.by}; minutes: {vote.recorded.minutes}
          {later === 'once told' && '. It counts once they were told and had time to object.'}
          {typeof later === 'number' && (
            <>
              . It counts from <Time at={later} as="date" />, unless they vote otherwise.
            </>
          )}
        </span>
      )}
    </li>
  );
}
