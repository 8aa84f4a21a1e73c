/** Everything about one person, over all runs, within a time that stands in the address. */
import { runName } from '../../plan/run-name.ts';
import type { Ticket } from '../api/types.ts';
import { Empty, Failed, Loading, PageTitle, Prose } from '../components/basics.tsx';
import { useLoaded } from '../components/loading.ts';
import { exact, stamp } from '../lib/time.ts';
import { Link, navigate, pathOf, useAddress } from '../router.tsx';

interface Doing {
  run: string;
  title: string;
  subject?: string;
  ticket?: Ticket;
  at: number;
  text: string;
  said?: string;
}

export function PersonPage({ person }: { person: string }) {
  const { query } = useAddress();
  const filter = new URLSearchParams();
  for (const name of ['from', 'before']) {
    const value = query.get(name);
    if (value) filter.set(name, value);
  }
  const change = (name: string, value: string) => {
    const next = new URLSearchParams(filter);
    if (value) next.set(name, value);
    else next.delete(name);
    navigate(`${pathOf.person(person)}${next.size > 0 ? `?${next}` : ''}`, { replace: true });
  };
  return (
    <div className="page">
      <PageTitle>{person}</PageTitle>
      <p className="crumbs">
        <Link to={`/runs?${new URLSearchParams({ concerning: person })}`}>Runs that concern them</Link>
      </p>
      <h1>{person}</h1>
      <p className="lead">What they asked for, were asked, signed, changed and did.</p>
      <form className="filters" aria-label="Time" onSubmit={(event) => event.preventDefault()}>
        {(['from', 'before'] as const).map((name) => (
          <div className="field" key={name}>
            <label htmlFor={name}>{name === 'from' ? 'From' : 'Before'}</label>
            <input
              id={name}
              type="date"
              defaultValue={filter.get(name) ?? ''}
              onBlur={({ target }) => target.validity.valid && change(name, target.value)}
            />
          </div>
        ))}
      </form>
      <Doings key={filter.toString()} path={`/people/${encodeURIComponent(person)}/doings?${filter}`} />
    </div>
  );
}

function Doings({ path }: { path: string }) {
  const { data, error, loading, reload } = useLoaded<{ doings: Doing[]; more: boolean }>(path);
  if (loading) return <Loading what="what is on record" />;
  if (!data) return <Failed error={error} again={reload} />;
  if (data.doings.length === 0) return <Empty title="Nothing is on record of them in that time." />;
  return (
    <>
      <ol className="journal unnumbered">
        {data.doings.map(({ run, title, subject, ticket, at, text, said }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the record never changes its order.
          <li key={index}>
            <time dateTime={new Date(at).toISOString()} title={exact(at)}>
              {stamp(at)}
            </time>
            <span className="journal-text">
              {text}
              {said && (
                <span className="said">
                  <Prose text={said} />
                </span>
              )}
              <span className="row-about">
                <Link to={pathOf.run(run)}>
                  {runName({ title, subject })}
                  {ticket && `, ${ticket.key}`}
                </Link>
              </span>
            </span>
          </li>
        ))}
      </ol>
      {data.more && <p className="quiet">There is more: choose a later day to begin with.</p>}
    </>
  );
}
