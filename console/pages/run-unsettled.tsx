/** What a run waits to be told by people beyond its own steps: changes to be countersigned, and what it left to settle. */
import type { JournalEntry, RunDetail } from '../api/types.ts';
import { Notice } from '../components/basics.tsx';
import { leftIn, openProposals } from '../lib/shown.ts';
import { enumerated } from '../lib/words.ts';
import { Link, pathOf } from '../router.tsx';
import { Proposal } from './gate-changes.tsx';

export function RunUnsettled({ run, entries }: { run: RunDetail; entries: readonly JournalEntry[] }) {
  const proposals = openProposals(run);
  const left = leftIn(run, entries);
  return (
    <>
      {proposals.map(({ gates, ...proposal }) => (
        <Notice key={proposal.id} tone="attention" title="A change is proposed.">
          <Proposal proposal={proposal} />
          <p>
            To be signed:{' '}
            {gates.map(({ step, title, people }, index) => (
              <span key={step}>
                {index > 0 && '; '}
                <Link to={pathOf.gate(run.id, step)}>{title}</Link>
                {people.length > 0 && `, by ${enumerated(people, 'or')}`}
              </span>
            ))}
          </p>
        </Notice>
      ))}
      {left.length > 0 && (
        <Notice tone="danger" title="To settle">
          <p>The run cannot settle this by itself. A person has to look, and to put it right.</p>
          <ul>
            {left.map(({ step, title, why }) => (
              <li key={step}>
                {title}: {why}
              </li>
            ))}
          </ul>
        </Notice>
      )}
    </>
  );
}
