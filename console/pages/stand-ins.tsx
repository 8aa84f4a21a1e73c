/** Naming somebody who signs for you for a time, and who stands in for whom in your roles. */
import { type FormEvent, useId, useState } from 'react';
import { messageOf, post } from '../api/client.ts';
import { Empty, Failed, Loading, Notice, PageTitle } from '../components/basics.tsx';
import { Confirm } from '../components/dialog.tsx';
import { useLoaded } from '../components/loading.ts';
import { roleWords } from '../lib/words.ts';

interface StandIn {
  id: number;
  person: string;
  delegate: string;
  role: string;
  from: string;
  to: string;
  mayEnd: boolean;
  ended?: { at: number; by: string };
}

interface StandIns {
  delegations: StandIn[];
  roles: { role: string; mayName: string[] }[];
  today: string;
  problem?: string;
}

export function StandInsPage() {
  const { data, error, loading, reload } = useLoaded<StandIns>('/delegations');
  const [ending, setEnding] = useState<StandIn>();
  const rest = data?.delegations ?? [];
  const standing = rest.filter(({ ended, to }) => !ended && to >= (data?.today ?? ''));
  const over = rest.filter((each) => !standing.includes(each)).reverse();
  return (
    <div className="page narrow">
      <PageTitle>Stand-ins</PageTitle>
      <h1>Stand-ins</h1>
      <p className="lead">Who signs for whom, by their own word, in one role and for a time.</p>
      {loading && <Loading what="who stands in" />}
      {error !== undefined && !data && <Failed error={error} again={reload} />}
      {data?.problem && (
        <Notice tone="attention" title="Nobody stands in by this.">
          <p>{data.problem}</p>
        </Notice>
      )}
      {data && (
        <>
          {standing.length === 0 ? (
            <Empty title="Nobody stands in for anybody in your roles." />
          ) : (
            <ul className="plain-list" aria-label="Standing in">
              {standing.map((each) => (
                <li key={each.id} className="stand-in">
                  <StandInText {...each} />
                  {each.mayEnd && (
                    <button
                      type="button"
                      className="small"
                      aria-label={`Take back: ${each.delegate} for ${each.person}`}
                      onClick={() => setEnding(each)}
                    >
                      Take back
                    </button>
                  )}
                </li>
              ))}
            </ul>
          )}
          {data.roles.length > 0 && <NameForm data={data} onMade={reload} />}
          {over.length > 0 && (
            <details>
              <summary className="more">
                {over.length} that {over.length === 1 ? 'is' : 'are'} over
              </summary>
              <ul className="plain-list">
                {over.map((each) => (
                  <li key={each.id}>
                    <StandInText {...each} />
                    {each.ended && <span className="quiet"> Taken back by {each.ended.by}.</span>}
                  </li>
                ))}
              </ul>
            </details>
          )}
        </>
      )}
      {ending && (
        <Confirm
          title="Take it back?"
          action="Take it back"
          onConfirm={async () => {
            await post(`/delegations/${ending.id}/end`);
            setEnding(undefined);
            reload();
          }}
          onClose={() => setEnding(undefined)}
        >
          <p>
            <StandInText {...ending} />
          </p>
          <p>What was signed until now stays signed. The other of the two is told.</p>
        </Confirm>
      )}
    </div>
  );
}

function StandInText({ person, delegate, role, from, to }: StandIn) {
  return (
    <span>
      <strong>{delegate}</strong> signs for {person} as one of {roleWords(role)},{' '}
      <time dateTime={from}>{dayText(from)}</time> to <time dateTime={to}>{dayText(to)}</time>.
    </span>
  );
}

function dayText(day: string): string {
  const format = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeZone: 'UTC' });
  return format.format(Date.parse(`${day}T00:00:00Z`));
}

function NameForm({ data: { roles, today }, onMade }: { data: StandIns; onMade: () => void }) {
  const id = useId();
  const [role, setRole] = useState(roles[0]?.role ?? '');
  const [delegate, setDelegate] = useState('');
  const [days, setDays] = useState<Days>({ from: today, to: today });
  const [problem, setProblem] = useState<string>();
  const [sending, setSending] = useState(false);
  const mayName = roles.find((each) => each.role === role)?.mayName ?? [];
  const send = async (event: FormEvent) => {
    event.preventDefault();
    if (sending) return;
    if (!mayName.includes(delegate)) return setProblem('Please choose who signs for you.');
    setSending(true);
    setProblem(undefined);
    try {
      await post('/delegations', { role, delegate, ...days });
      setDelegate('');
      onMade();
    } catch (error) {
      setProblem(messageOf(error));
    } finally {
      setSending(false);
    }
  };
  return (
    <section aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>Somebody signs for me</h2>
      <form onSubmit={send} noValidate>
        {roles.length > 1 && (
          <div className="field">
            <label htmlFor={`${id}-role`}>As one of</label>
            <select
              id={`${id}-role`}
              value={role}
              onChange={({ target }) => {
                setRole(target.value);
                setDelegate('');
              }}
            >
              {roles.map((each) => (
                <option key={each.role} value={each.role}>
                  {roleWords(each.role)}
                </option>
              ))}
            </select>
          </div>
        )}
        <div className="field">
          <label htmlFor={`${id}-who`}>Who</label>
          <select
            id={`${id}-who`}
            value={delegate}
            aria-describedby={`${id}-hint`}
            onChange={({ target }) => setDelegate(target.value)}
          >
            <option value="">{mayName.length === 0 ? 'Nobody may be named' : 'Choose'}</option>
            {mayName.map((each) => (
              <option key={each} value={each}>
                {each}
              </option>
            ))}
          </select>
        </div>
        <Days id={id} today={today} days={days} onChange={setDays} />
        <p id={`${id}-hint`} className={problem ? 'problem' : 'hint'} aria-live="polite">
          {problem ??
            'They are asked instead of you from then on, and not where they asked for it themselves. Another member has one vote, their own. It is on record.'}
        </p>
        <button type="submit" className="primary below" aria-busy={sending}>
          Name them
        </button>
      </form>
    </section>
  );
}

interface Days {
  from: string;
  to: string;
}

interface DaysProps {
  id: string;
  today: string;
  days: Days;
  onChange: (days: Days) => void;
}

function Days({ id, today, days, onChange }: DaysProps) {
  const field = (name: keyof Days, label: string, min: string) => (
    <div className="field">
      <label htmlFor={`${id}-${name}`}>{label}</label>
      <input
        id={`${id}-${name}`}
        type="date"
        min={min}
        value={days[name]}
        onChange={({ target }) => onChange({ ...days, [name]: target.value })}
      />
    </div>
  );
  return (
    <div className="filters">
      {field('from', 'First day', today)}
      {field('to', 'Last day', days.from)}
    </div>
  );
}
