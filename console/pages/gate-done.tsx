/** What was done before it was signed, and what people typed in it: whoever signs afterwards signs for that. */
import type { DoneBefore, GateDetail, Json } from '../api/types.ts';
import { Tag, Time, Values } from '../components/basics.tsx';
import { fieldsChanged } from '../lib/words.ts';
import { ChangeList } from './gate-changes.tsx';

export function Done({ gate: { done } }: { gate: GateDetail }) {
  if (!done) return null;
  return (
    <section aria-labelledby="done">
      <h2 id="done">What was done already</h2>
      {done.length === 0 && <p className="quiet">Nothing that changes anything.</p>}
      <ol className="opens">
        {done.map((each) => (
          <Call key={`${each.step} ${each.at}`} call={each} />
        ))}
      </ol>
    </section>
  );
}

function Call({ call: { title, outcome, at, input, undone, by, before } }: { call: DoneBefore }) {
  const typed = before !== undefined;
  return (
    <li>
      <span className="opens-title">
        {title}{' '}
        <Tag tone={outcome === 'done' && !typed ? 'plain' : 'attention'}>
          {undone ? `${outcome}, taken back since` : outcome}
          {by !== undefined && !typed && ` by ${by}`}
        </Tag>
      </span>
      <span className="quiet">
        <Time at={at} />
      </span>
      {typed && <Typed before={before} after={input ?? null} by={by ?? 'somebody'} />}
      {!typed && typeof input === 'object' && input !== null && !Array.isArray(input) && (
        <Values values={input} />
      )}
    </li>
  );
}

function Typed({ before, after, by }: { before: Json; after: Json; by: string }) {
  const changes = fieldsChanged({ path: '', before, after }).map((change) => ({
    ...change,
    what: change.field.replace(/^: /, '') || 'What it was called with',
    by,
  }));
  return <ChangeList changes={changes} named />;
}
