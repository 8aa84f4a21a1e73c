/** Every run, the newest first, with filters that stand in the address. */
import { useEffect, useRef, useState } from 'react';
import { runName, shortRunId } from '../../plan/run-name.ts';
import { get } from '../api/client.ts';
import type { RunbookSummary, RunRow } from '../api/types.ts';
import { Empty, Failed, Loading, PageTitle, Time } from '../components/basics.tsx';
import { useLoaded } from '../components/loading.ts';
import { StateMark } from '../components/state-mark.tsx';
import { statusWords, waitingWords } from '../lib/words.ts';
import { Link, navigate, pathOf, useAddress } from '../router.tsx';
import { SavedViews } from './saved-views.tsx';

const pageSize = 25;

const statusChoices: [value: string, words: string][] = [
  ['', 'Any status'],
  ['running,waiting,parked,paused,undoing', 'Not ended'],
  ['waiting', 'Waiting'],
  ['parked', 'Parked'],
  ['paused', 'Paused'],
  ['succeeded', 'Done'],
  ['rejected', 'Rejected'],
  ['cancelled', 'Cancelled'],
  ['failed', 'Failed'],
];

export function RunsPage() {
  const { query } = useAddress();
  const filter = new URLSearchParams();
  for (const name of ['q', 'status', 'runbook', 'waitingFor', 'overdue', 'concerning', 'from', 'before']) {
    const value = query.get(name);
    if (value) filter.set(name, value);
  }
  const change = (name: string, value: string) => {
    const next = new URLSearchParams(filter);
    if (value) next.set(name, value);
    else next.delete(name);
    navigate(`/runs${next.size > 0 ? `?${next}` : ''}`, { replace: true });
  };
  return (
    <div className="page">
      <PageTitle>Runs</PageTitle>
      <h1>Runs</h1>
      <SavedViews query={filter.toString()} />
      <Filters filter={filter} onChange={change} />
      {filter.get('concerning') && (
        <p>
          <Link to={pathOf.person(filter.get('concerning') ?? '')}>
            Everything that {filter.get('concerning')} did and was asked
          </Link>
        </p>
      )}
      <RunList key={filter.toString()} filter={filter} />
      <p>
        <a href={`/api/v1/runs.csv${filter.size > 0 ? `?${filter}` : ''}`} download="runs.csv">
          Download {filter.size > 0 ? 'these runs' : 'all runs'} as CSV
        </a>
      </p>
      <p className="quiet">
        <Link to="/refusals">What was refused</Link>: what nobody signed, and what did not come from this
        installation. <Link to="/deliveries">What came in</Link>: what ticket systems sent, and what became of
        it.
      </p>
    </div>
  );
}

interface FiltersProps {
  filter: URLSearchParams;
  onChange: (name: string, value: string) => void;
}

function Filters({ filter, onChange }: FiltersProps) {
  const { data } = useLoaded<{ runbooks: RunbookSummary[] }>('/runbooks');
  return (
    <form className="filters" aria-label="Filter" onSubmit={(event) => event.preventDefault()}>
      <Typed name="q" label="Find" type="search" filter={filter} onChange={onChange} />
      <div className="field">
        <label htmlFor="status">Status</label>
        <select
          id="status"
          value={filter.get('status') ?? ''}
          onChange={({ target }) => onChange('status', target.value)}
        >
          {statusChoices.map(([value, words]) => (
            <option key={value} value={value}>
              {words}
            </option>
          ))}
        </select>
      </div>
      <div className="field">
        <label htmlFor="runbook">Runbook</label>
        <select
          id="runbook"
          value={filter.get('runbook') ?? ''}
          onChange={({ target }) => onChange('runbook', target.value)}
        >
          <option value="">Any runbook</option>
          {data?.runbooks.map(({ runbook, title }) => (
            <option key={runbook} value={runbook}>
              {title}
            </option>
          ))}
        </select>
      </div>
      <MoreFilters filter={filter} onChange={onChange} />
    </form>
  );
}

const rarely = ['concerning', 'from', 'before', 'waitingFor', 'overdue'];

/** What is asked for now and then: folded on a phone, where the runs would else begin below its edge, unless it is in use. */
function MoreFilters({ filter, onChange }: FiltersProps) {
  const [open] = useState(
    () => rarely.some((name) => filter.has(name)) || !matchMedia('(max-width: 40rem)').matches,
  );
  return (
    <details className="more-filters" open={open}>
      <summary className="more">More filters</summary>
      <div className="filters">
        <Typed name="concerning" label="Concerns" type="email" filter={filter} onChange={onChange} />
        <Typed name="from" label="Began from" type="date" filter={filter} onChange={onChange} />
        <Typed name="before" label="Began before" type="date" filter={filter} onChange={onChange} />
        <div className="ticks">
          <label className="tick">
            <input
              type="checkbox"
              checked={filter.get('waitingFor') === 'me'}
              onChange={({ target }) => onChange('waitingFor', target.checked ? 'me' : '')}
            />
            Only those that wait for me
          </label>
          <label className="tick">
            <input
              type="checkbox"
              checked={filter.get('overdue') === 'true'}
              onChange={({ target }) => onChange('overdue', target.checked ? 'true' : '')}
            />
            Only what is overdue
          </label>
        </div>
      </div>
    </details>
  );
}

interface TypedProps extends FiltersProps {
  name: string;
  label: string;
  type: 'search' | 'email' | 'date';
}

const placeholders = { search: 'Subject, ticket, person, input …', email: 'E-mail address', date: undefined };

/** Asked for once it is typed: an address that is not finished concerns nobody. */
function Typed({ name, label, type, filter, onChange }: TypedProps) {
  const element = useRef<HTMLInputElement>(null);
  const value = filter.get(name) ?? '';
  // A saved list, or the way back, changes the address without anybody typing.
  useEffect(() => {
    if (element.current) element.current.value = value;
  }, [value]);
  return (
    <div className={type === 'search' ? 'field find' : 'field'}>
      <label htmlFor={name}>{label}</label>
      <input
        ref={element}
        id={name}
        type={type}
        autoComplete="off"
        placeholder={placeholders[type]}
        defaultValue={value}
        onBlur={({ target }) => {
          if (target.validity.valid && target.value !== value) onChange(name, target.value);
        }}
        onKeyDown={({ key, currentTarget }) => {
          if (key === 'Enter' && currentTarget.validity.valid) onChange(name, currentTarget.value);
        }}
      />
    </div>
  );
}

function RunList({ filter }: { filter: URLSearchParams }) {
  const { data, error, loading, reload } = useLoaded<{ runs: RunRow[] }>(
    `/runs?${new URLSearchParams([...filter, ['limit', String(pageSize)]])}`,
  );
  const older = useOlder(filter, data?.runs);
  useEffect(() => {
    const timer = setInterval(reload, 15_000);
    return () => clearInterval(timer);
  }, [reload]);
  if (loading) return <Loading what="the runs" />;
  if (!data) return <Failed error={error} again={reload} />;
  const known = new Set(data.runs.map(({ id }) => id));
  const runs = [...data.runs, ...older.runs.filter(({ id }) => !known.has(id))];
  if (runs.length === 0) {
    return (
      <Empty title={filter.size > 0 ? 'No run fits this filter.' : 'Nothing has run yet.'}>
        <p>
          {filter.size > 0 ? (
            <Link to="/runs">Show all runs</Link>
          ) : (
            <Link to="/runbooks">Start a runbook</Link>
          )}
        </p>
      </Empty>
    );
  }
  return (
    <>
      <table className="table">
        <caption className="unseen">Runs, the newest first</caption>
        <thead>
          <tr>
            <th scope="col">Run</th>
            <th scope="col">Status</th>
            <th scope="col">Asked by</th>
            <th scope="col">Started</th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <RunLine key={run.id} run={run} />
          ))}
        </tbody>
      </table>
      {older.error !== undefined && <Failed error={older.error} again={older.load} />}
      {older.more && (
        <p className="center">
          <button type="button" onClick={older.load} aria-busy={older.loading}>
            {older.loading ? 'Loading …' : 'Show older runs'}
          </button>
        </p>
      )}
    </>
  );
}

function RunLine({ run }: { run: RunRow }) {
  const waiting = run.endedAt ? [] : run.waitingOn;
  const [first] = waiting;
  return (
    <tr>
      <td>
        <Link to={pathOf.run(run.id)} className="row-title">
          {runName(run)}
        </Link>
        {run.ticket && (
          <span className="row-about">
            {run.ticket.key} {run.ticket.summary}
          </span>
        )}
        <span className="row-about">
          <code title={run.id}>{shortRunId(run.id)}</code>
        </span>
      </td>
      <td>
        <span className="status">
          <StateMark state={run.status} />
          <span>
            {statusWords[run.status]}
            {first && (
              <span className="row-about">
                for {waitingWords(first)}
                {waiting.length > 1 && `, and ${waiting.length - 1} more`}
              </span>
            )}
            {run.endedAt && run.status !== 'succeeded' && run.reason && (
              <span className="row-about">{run.reason}</span>
            )}
          </span>
        </span>
      </td>
      <td className="who">{run.requester}</td>
      <td className="nowrap">
        <Time at={run.startedAt} />
      </td>
    </tr>
  );
}

/** The pages after the first, one at a time. */
function useOlder(filter: URLSearchParams, first: RunRow[] | undefined) {
  const [runs, setRuns] = useState<RunRow[]>([]);
  const [full, setFull] = useState<boolean>();
  const [loading, setLoading] = useState(false);
  const [error, setError] = useState<unknown>();
  const load = async () => {
    const last = runs.at(-1) ?? first?.at(-1);
    if (!last || loading) return;
    setLoading(true);
    setError(undefined);
    const query = new URLSearchParams([
      ...filter,
      ['limit', String(pageSize)],
      ['afterStartedAt', last.startedAt],
      ['afterId', last.id],
    ]);
    try {
      const { runs: page } = await get<{ runs: RunRow[] }>(`/runs?${query}`);
      setRuns((before) => [...before, ...page]);
      setFull(page.length === pageSize);
    } catch (problem) {
      setError(problem);
    } finally {
      setLoading(false);
    }
  };
  return { runs, load, loading, error, more: full ?? first?.length === pageSize };
}
