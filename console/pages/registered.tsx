/** One asset, contract, vendor or order of the register, with all that became of it. */
import type { HistoryEntry } from '../../plan/register.ts';
import type { Json } from '../api/types.ts';
import { Facts, FailedPage, Loading, PageTitle, Value } from '../components/basics.tsx';
import { useLoaded } from '../components/loading.ts';
import { exact, stamp } from '../lib/time.ts';
import { fieldWords } from '../lib/words.ts';
import { Link, pathOf } from '../router.tsx';
import type { RegisterKind } from './register.tsx';
import { Day, Person } from './register-lists.tsx';

const words: Record<RegisterKind, { one: string; title: string; name: string; back: string }> = {
  assets: { one: 'asset', title: 'Asset', name: 'tag', back: 'All assets' },
  contracts: { one: 'contract', title: 'Contract', name: 'number', back: 'All contracts' },
  vendors: { one: 'vendor', title: 'Vendor', name: 'name', back: 'All vendors' },
  orders: { one: 'order', title: 'Order', name: 'number', back: 'All orders' },
};

/** What is of the database alone. */
const inward = ['id', 'revision'];
const people = ['assignedTo', 'owner'];

export function RegisteredPage({ kind, name }: { kind: RegisterKind; name: string }) {
  const { one, title, name: named, back } = words[kind];
  const { data, error, loading, reload } = useLoaded<
    Record<string, Record<string, Json>> & { history: HistoryEntry[] }
  >(`/${kind}/${encodeURIComponent(name)}`);
  if (loading) return <Loading what={`the ${one}`} />;
  const found = data?.[one];
  if (!data || !found) return <FailedPage error={error} again={reload} />;
  return (
    <div className="page">
      <PageTitle>{`${title} ${name}`}</PageTitle>
      <p className="crumbs">
        <Link to={pathOf.register(kind)}>{back}</Link>
      </p>
      <h1>
        {title} {String(found[named] ?? name)}
      </h1>
      <Facts
        facts={Object.entries(found)
          .filter(([field]) => field !== named && !inward.includes(field))
          .map(([field, value]) => ({
            label: fieldWords(field),
            value: <Field field={field} value={value} />,
          }))}
      />
      <section aria-labelledby="history">
        <h2 id="history">What became of it</h2>
        <ol className="journal unnumbered">
          {data.history.map((entry, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: two changes may be of one moment, and their order stays.
            <li key={`${entry.at} ${index}`}>
              <time dateTime={entry.at} title={exact(Date.parse(entry.at))}>
                {stamp(Date.parse(entry.at))}
              </time>
              <span className="journal-text">
                {capital(entry.what)} by <By by={entry.by} />
                {entry.what !== 'added' && changesOf(entry) && `: ${changesOf(entry)}`}
                {entry.note && <span className="row-about">{entry.note}</span>}
              </span>
            </li>
          ))}
        </ol>
      </section>
    </div>
  );
}

function Field({ field, value }: { field: string; value: Json }) {
  if (typeof value === 'string' && people.includes(field)) return <Person email={value} />;
  if (typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value)) return <Day day={value} urgent={false} />;
  if (field === 'vendor' && typeof value === 'string')
    return <Link to={pathOf.registered('vendors', value)}>{value}</Link>;
  if (field === 'purchaseOrder' && typeof value === 'string')
    return <Link to={pathOf.registered('orders', value)}>{value}</Link>;
  return <Value value={value} />;
}

/** A run leads to its page, a person to theirs. */
function By({ by }: { by: string }) {
  const run = /^run (\S+)$/.exec(by)?.[1];
  if (run) return <Link to={pathOf.run(run)}>a run</Link>;
  return by.includes('@') ? <Person email={by} /> : by;
}

function changesOf({ before, after }: HistoryEntry): string {
  const text = (value: unknown) => (value === null || value === undefined ? 'nothing' : String(value));
  return Object.keys(after)
    .map((field) => `${fieldWords(field).toLowerCase()} ${text(before[field])} → ${text(after[field])}`)
    .join(', ');
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
