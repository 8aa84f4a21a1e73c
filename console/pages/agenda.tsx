/** What a role is to decide, and the pages to print: the agenda, and the minutes of a time. */
import { useId, useState } from 'react';
import { defined } from '../../plan/defined.ts';
import { runName } from '../../plan/run-name.ts';
import type { AgendaItem } from '../../presentation/agenda.ts';
import {
  Empty,
  Facts,
  FailedPage,
  Left,
  Loading,
  OtherChange,
  PageTitle,
  Time,
} from '../components/basics.tsx';
import { useLoaded } from '../components/loading.ts';
import { enumerated } from '../lib/words.ts';
import { Link, navigate, pathOf, useAddress } from '../router.tsx';

interface Agenda {
  role: string;
  roles: string[];
  items: AgendaItem[];
}

export function AgendaPage() {
  const asked = useAddress().query.get('role');
  const ofRole = asked ? `?role=${encodeURIComponent(asked)}` : '';
  const { data, error, loading, reload } = useLoaded<Agenda>(`/agenda${ofRole}`);
  const select = useId();
  if (loading) return <Loading what="the agenda" />;
  if (!data) return <FailedPage error={error} again={reload} />;
  const { role, roles, items } = data;
  return (
    <div className="page">
      <PageTitle>{`Agenda of ${role}`}</PageTitle>
      <h1>Agenda of {role}</h1>
      <div className="field">
        <label htmlFor={select}>Role</label>
        <select
          id={select}
          value={role}
          onChange={({ target }) => navigate(`/agenda?role=${encodeURIComponent(target.value)}`)}
        >
          {roles.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </div>
      <div className="buttons">
        <a
          className="button"
          href={`/api/v1/agenda.html?role=${encodeURIComponent(role)}`}
          target="_blank"
          rel="noreferrer"
        >
          Print it, a page each
        </a>
      </div>
      {items.length === 0 ? (
        <Empty title="Nothing is to be decided.">
          <p>What {role} is asked to sign comes here by itself.</p>
        </Empty>
      ) : (
        items.map((item) => <Item key={`${item.run} ${item.step}`} item={item} />)
      )}
      <Minutes role={role} />
    </div>
  );
}

function Item({ item }: { item: AgendaItem }) {
  const { run, step, title, runTitle, subject, ticket, requester, since, deadline, votes, needed } = item;
  const { risk, affects, backout, from, to, calendar, conflicts, would, questions } = item;
  const approvals = votes.filter(({ decision }) => decision === 'approve').length;
  return (
    <section className="sheet">
      <h2>
        <Link to={pathOf.gate(run, step)}>{runName({ title: runTitle, ...defined({ subject }) })}</Link>
      </h2>
      <p className="quiet">
        {title}
        {ticket && `, ${ticket}`}, asked for by {requester} <Time at={since} />
      </p>
      <Facts
        facts={[
          deadline !== undefined && { label: 'Decide by', value: <Left deadline={deadline} /> },
          risk !== undefined && { label: 'Risk', value: risk },
          affects.length > 0 && { label: 'Affects', value: enumerated(affects) },
          backout !== undefined && { label: 'Way back', value: backout },
          from !== undefined && {
            label: 'Window',
            value: (
              <>
                <Time at={from} as="date" />
                {to !== undefined && (
                  <>
                    {' '}
                    to <Time at={to} as="date" />
                  </>
                )}
              </>
            ),
          },
          from === undefined && calendar !== undefined && { label: 'Window', value: calendar },
          conflicts.length > 0 && {
            label: 'At the same time',
            value: conflicts.map((other) => <OtherChange key={other.run ?? other.title} change={other} />),
          },
          { label: 'Votes', value: `${approvals} of ${needed} needed` },
          ...votes.map(({ by, decision, comment }) => ({
            label: by,
            value: `${decision === 'approve' ? 'approved' : 'refused'}${comment ? `: ${comment}` : ''}`,
          })),
          questions.length > 0 && {
            label: 'Questions',
            value: `${questions.length}, ${questions.filter(({ answers }) => answers.length === 0).length} not answered`,
          },
        ]}
      />
      {would.length > 0 && (
        <ul>
          {would.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Minutes({ role }: { role: string }) {
  const [from, to] = [useId(), useId()];
  const [period, setPeriod] = useState({ from: dayBefore(7), to: dayBefore(0) });
  const query = new URLSearchParams({ role, ...period });
  return (
    <section className="sheet" aria-labelledby="minutes">
      <h2 id="minutes">Minutes</h2>
      <div className="field">
        <label htmlFor={from}>From</label>
        <input
          id={from}
          type="date"
          required
          value={period.from}
          onChange={({ target }) => target.value && setPeriod({ ...period, from: target.value })}
        />
      </div>
      <div className="field">
        <label htmlFor={to}>To</label>
        <input
          id={to}
          type="date"
          required
          value={period.to}
          onChange={({ target }) => target.value && setPeriod({ ...period, to: target.value })}
        />
      </div>
      <div className="buttons">
        <a className="button" href={`/api/v1/minutes.html?${query}`} target="_blank" rel="noreferrer">
          What was decided, and what is still open
        </a>
      </div>
    </section>
  );
}

function dayBefore(days: number): string {
  return new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);
}
