/** A gate that was asked for, as it stands on record: what was shown, to whom, by which rule, the votes, and every proposal. */
import type { Asking, GateStory, Json, JsonObject, ProposalTold, RunDetail } from '../api/types.ts';
import { Facts, Prose, Tag, Time, Value, Values } from '../components/basics.tsx';
import { Difference } from '../components/difference.tsx';
import { Systems } from '../components/systems.tsx';
import { changeLines, handChangesIn, inputsBesides, restOf } from '../lib/shown.ts';
import { endWords, proposalWords, ruleWords } from '../lib/story.ts';
import { enumerated } from '../lib/words.ts';
import { ChangeList } from './gate-changes.tsx';

interface StoryProps {
  run: RunDetail;
  story: GateStory;
}

/** The last revision open, the earlier ones folded. */
export function StoryText({ run, story: { askings, proposals } }: StoryProps) {
  const last = askings.at(-1);
  const earlier = askings.slice(0, -1);
  if (!last) return null;
  return (
    <>
      <AskingText run={run} asking={last} number={askings.length} />
      {proposals.length > 0 && (
        <section aria-labelledby="proposals">
          <h2 id="proposals">What was asked to be changed</h2>
          {proposals.map((proposal) => (
            <ProposalStory key={proposal.id} run={run} proposal={proposal} />
          ))}
        </section>
      )}
      {earlier.length > 0 && (
        <details className="earlier">
          <summary className="more">
            {earlier.length === 1
              ? 'It was asked once before'
              : `It was asked ${earlier.length} times before`}
          </summary>
          {earlier.map((asking, index) => (
            <AskingText key={asking.at} run={run} asking={asking} number={index + 1} />
          ))}
        </details>
      )}
    </>
  );
}

function AskingText({ run, asking, number }: { run: RunDetail; asking: Asking; number: number }) {
  const { at, asked, shown, standIns, barred, systems, escalatedTo, reassigned, end } = asking;
  const id = `asking-${number}`;
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>What was shown, and to whom{number > 1 && `, the ${ordinal(number)} time`}</h2>
      {shown ? (
        <ShownText run={run} shown={shown} />
      ) : (
        <p className="quiet">This record is older than the one that keeps what was shown.</p>
      )}
      <Facts
        facts={[
          { label: 'Asked', value: <Time at={at} as="date" /> },
          { label: 'To', value: enumerated(asked) || 'nobody' },
          { label: 'Rule', value: ruleWords(asking) },
          ...Object.entries(standIns).map(([instead, away]) => ({
            label: 'Stood in',
            value: `${instead} for ${away}, who was away`,
          })),
          ...Object.entries(barred).map(([person, why]) => ({
            label: 'Could not sign',
            value: why ? `${person}, who ${why}` : person,
          })),
          ...reassigned.map(({ by, to }) => ({
            label: 'Others asked',
            value: `${enumerated(to)}, by ${by}`,
          })),
          escalatedTo.length > 0 && { label: 'Taken further', value: enumerated(escalatedTo) },
          { label: 'Outcome', value: end ? endWords(end) : 'not decided yet' },
        ]}
      />
      <Systems systems={systems} />
      <VotesTold asking={asking} />
      <Opened asking={asking} />
    </section>
  );
}

/** As the approvers had it before them: what the author shows, what a hand changed, and the rest folded. */
function ShownText({ run, shown }: { run: RunDetail; shown: JsonObject }) {
  const { show, inputs, filledIn } = shown;
  const byHand = handChangesIn(shown, run.titles);
  const rest = restOf(shown, run.titles);
  const besides = show === undefined ? {} : inputsBesides(show, inputs);
  const count = Object.keys(besides).length + rest.length;
  return (
    <>
      <Shown value={show ?? inputs} />
      {filledIn !== undefined && (
        <>
          <p>Filled in and signed:</p>
          <Shown value={filledIn} />
        </>
      )}
      {byHand.length > 0 && (
        <>
          <p>Typed or changed by hand:</p>
          <ChangeList changes={byHand} named />
        </>
      )}
      {count > 0 && (
        <details>
          <summary className="more">
            {count} more {count === 1 ? 'value' : 'values'} behind the signature
          </summary>
          <Values values={besides} />
          <Facts facts={rest.map(([label, value]) => ({ label, value: <Value value={value} /> }))} />
        </details>
      )}
    </>
  );
}

function Shown({ value = null }: { value: Json | undefined }) {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (
    <Values values={value} />
  ) : (
    <p>
      <Value value={value} />
    </p>
  );
}

function VotesTold({ asking: { votes } }: { asking: Asking }) {
  if (votes.length === 0) return <p className="quiet">Nobody voted.</p>;
  return (
    <ul className="votes">
      {votes.map(({ by, for: member, decision, at, comment, recordedBy, minutes, form }) => (
        <li key={`${by} ${at}`}>
          <span>
            {by}
            {member && <span className="quiet"> for {member}</span>}
          </span>
          <span className="vote-word">
            <Tag tone={decision === 'approve' ? 'good' : 'danger'}>
              {decision === 'approve' ? 'approves' : 'rejects'}
            </Tag>{' '}
            <span className="quiet">
              <Time at={at} as="date" />
            </span>
          </span>
          {comment && <span className="said">{comment}</span>}
          {form && Object.keys(form).length > 0 && <Values values={form} />}
          {recordedBy && (
            <span className="quiet">
              Entered by {recordedBy}; minutes: {minutes}
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}

/** What the signature was told to open, as it was looked at beforehand. */
function Opened({ asking: { preview } }: { asking: Asking }) {
  if (!preview || preview.steps.length === 0) return null;
  return (
    <details>
      <summary className="more">What the signature opened, as it was shown</summary>
      <ol className="opens">
        {preview.steps.map(({ step, title, summary, effect, problems = [], difference }) => (
          <li key={step}>
            <span className="opens-title">
              {title} {effect === 'destructive' && <Tag tone="danger">for good</Tag>}
            </span>
            <span>{summary ?? 'it could not be looked at beforehand what this would do'}</span>
            {problems.map((problem) => (
              <span key={problem} className="opens-problem">
                <Prose text={problem} />
              </span>
            ))}
            {difference && <Difference text={difference} />}
          </li>
        ))}
      </ol>
    </details>
  );
}

function ProposalStory({ run, proposal }: { run: RunDetail; proposal: ProposalTold }) {
  return (
    <div className="proposal">
      <p>
        Proposed by {proposal.by} <Time at={proposal.at} as="date" />
      </p>
      <ChangeList changes={changeLines(proposal, run.titles)} />
      <p>
        <strong>{proposalWords(proposal)}</strong>{' '}
        {proposal.end && (
          <span className="quiet">
            <Time at={proposal.end.at} as="date" />
          </span>
        )}
      </p>
    </div>
  );
}

function ordinal(number: number): string {
  const words = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth'];
  return words[number - 1] ?? `${number}th`;
}
