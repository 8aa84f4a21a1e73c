/** What differs from what was signed, or from what steps and forms gave by themselves: read first, and never folded. */
import type { GateDetail, Json, RunDetail } from '../api/types.ts';
import { Facts, Notice, Time, Value } from '../components/basics.tsx';
import { type ChangeLine, handChangesIn, type ProposalText, proposalsIn } from '../lib/shown.ts';

interface GateProps {
  run: RunDetail;
  gate: GateDetail;
}

/** What those who signed are asked to countersign. */
export function Proposed({ run, gate }: GateProps) {
  const proposals = proposalsIn(gate, run.titles);
  if (proposals.length === 0) return null;
  return (
    <section className="proposed" aria-labelledby="proposed">
      <h2 id="proposed">What is asked to be changed</h2>
      {proposals.map((proposal) => (
        <Proposal key={proposal.id} proposal={proposal} />
      ))}
    </section>
  );
}

export function Proposal({ proposal: { by, at, inForce, changes } }: { proposal: ProposalText }) {
  return (
    <div className="proposal">
      <p>
        Proposed by {by} <Time at={at} />:{' '}
        <strong>
          {inForce ? 'in force already, your signature is owed.' : 'not in force before you sign.'}
        </strong>
      </p>
      <ChangeList changes={changes} />
      <p className="quiet">
        {inForce
          ? 'Whoever wrote the runbook lets this be changed at once. Refused, it is taken up with the owner.'
          : 'What was signed stays until then. Refused or not answered in time, this falls, and the run goes on with what was signed.'}
      </p>
    </div>
  );
}

/** What people typed or changed by hand, of what the signature stands for. */
export function ByHand({ run, gate }: GateProps) {
  const changes = handChangesIn(gate.shown, run.titles);
  if (changes.length === 0) return null;
  return (
    <section aria-labelledby="by-hand">
      <h2 id="by-hand">Typed or changed by hand</h2>
      <ChangeList changes={changes} named />
      <p className="quiet">Whoever did this does not sign here.</p>
    </section>
  );
}

export function Unmet({ gate }: { gate: GateDetail }) {
  if (!gate.unmet) return null;
  return (
    <Notice tone="attention" title="Too few of those who are asked can still approve this.">
      <p>It is taken to whom the runbook or the configuration names next. The owner can ask others.</p>
    </Notice>
  );
}

export function ChangeList({ changes, named = false }: { changes: readonly ChangeLine[]; named?: boolean }) {
  return (
    <ul className="changes">
      {changes.map(({ what, before, after, by }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: one value may be changed twice, and the order stays.
        <li key={index}>
          <span className="changes-what">{what}</span>
          {named && <span className="quiet"> by {by}</span>}
          <Facts
            facts={[
              { label: 'Old', value: <Before value={before} /> },
              { label: 'New', value: <After value={after} /> },
            ]}
          />
        </li>
      ))}
    </ul>
  );
}

function Before({ value }: { value: Json }) {
  return isPlain(value) ? (
    <del>
      <Value value={value} />
    </del>
  ) : (
    <Value value={value} />
  );
}

function After({ value }: { value: Json }) {
  return isPlain(value) ? (
    <ins>
      <Value value={value} />
    </ins>
  ) : (
    <Value value={value} />
  );
}

/** A line of text can be struck out; a list or an object is shown as it is. */
function isPlain(value: Json): boolean {
  return typeof value !== 'object' || value === null;
}
