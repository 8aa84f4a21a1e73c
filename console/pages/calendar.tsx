/** What is planned: windows, freezes, changes and maintenance, as a month, a week or a list; and an address for calendar programs. */
import { useState } from 'react';
import { post, remove } from '../api/client.ts';
import type { Conflict } from '../api/types.ts';
import { Empty, Failed, Loading, Notice, OtherChange, PageTitle, Tag, Time } from '../components/basics.tsx';
import { Confirm } from '../components/dialog.tsx';
import { useLoaded } from '../components/loading.ts';
import { dayOf, daysShown, later, laterMonth, startOf, within } from '../lib/month.ts';
import { clock } from '../lib/time.ts';
import { enumerated, nameWords, statusWords } from '../lib/words.ts';
import { Link, navigate, pathOf, useAddress } from '../router.tsx';

interface PlannedTime {
  calendar: string;
  name: string;
  kind: 'window' | 'freeze' | 'holiday' | 'other';
  from: number;
  to: number;
}

interface PlannedChange {
  run: string;
  title: string;
  subject?: string;
  ticket?: string;
  status: keyof typeof statusWords;
  affects: string[];
  risk?: string;
  from?: number;
  to?: number;
  frozenBy?: string;
  conflicts?: Conflict[];
}

interface Calendar {
  timezone: string;
  times: PlannedTime[];
  changes: PlannedChange[];
  feed: boolean;
}

type View = 'month' | 'week' | 'list';

export function CalendarPage() {
  const { query } = useAddress();
  const view = (['month', 'week', 'list'] as const).find((each) => each === query.get('view')) ?? 'month';
  const asked = query.get('day') ?? '';
  const day = /^\d{4}-\d\d-\d\d$/.test(asked) ? asked : dayOf(Date.now());
  const days = daysShown(view === 'week' ? 'week' : 'month', day);
  const [first = day, last = day] = [days[0], days.at(-1)];
  const { data, error, loading, reload } = useLoaded<Calendar>(
    `/calendar?from=${first}&before=${later(last, 1)}`,
  );
  return (
    <div className="page">
      <PageTitle>Calendar</PageTitle>
      <h1>Calendar</h1>
      <p className="lead">Windows, freezes, changes and maintenance, by the clock where you are.</p>
      <p>
        <Link to="/agenda">The agenda of a role</Link>
      </p>
      <Around view={view} day={day} />
      {loading && <Loading what="the calendar" />}
      {!loading && !data && <Failed error={error} again={reload} />}
      {data && (
        <>
          <Conflicts changes={data.changes} />
          {view === 'list' ? (
            <AsList calendar={data} days={days} />
          ) : (
            <AsDays calendar={data} days={days} day={day} />
          )}
          <NoTime changes={data.changes} />
          <Feed has={data.feed} onTold={reload} />
        </>
      )}
    </div>
  );
}

const addressOf = (view: View, day: string) => `/calendar?${new URLSearchParams({ view, day })}`;

function Around({ view, day }: { view: View; day: string }) {
  const step = (by: number) => (view === 'week' ? later(day, 7 * by) : laterMonth(day, by));
  const months = new Intl.DateTimeFormat('en-GB', { month: 'long', year: 'numeric' });
  return (
    <div className="calendar-around">
      <div className="buttons">
        <button type="button" className="small" onClick={() => navigate(addressOf(view, step(-1)))}>
          Earlier
        </button>
        <button type="button" className="small" onClick={() => navigate(addressOf(view, dayOf(Date.now())))}>
          Today
        </button>
        <button type="button" className="small" onClick={() => navigate(addressOf(view, step(1)))}>
          Later
        </button>
      </div>
      <h2>{months.format(startOf(day))}</h2>
      <nav className="tabs" aria-label="How it is shown">
        {(['month', 'week', 'list'] as const).map((each) => (
          <Link key={each} to={addressOf(each, day)} aria-current={each === view ? 'page' : undefined}>
            {each === 'month' ? 'Month' : each === 'week' ? 'Week' : 'List'}
          </Link>
        ))}
      </nav>
    </div>
  );
}

function nameOf({ title, subject, ticket }: PlannedChange): string {
  return [subject ? `${title}: ${subject}` : title, ticket].filter(Boolean).join(', ');
}

type Timed = PlannedChange & { from: number; to: number };

const timed = (changes: readonly PlannedChange[]) =>
  changes.filter((change): change is Timed => change.from !== undefined && change.to !== undefined);

/** Of two that are in each other’s way, it is said of one. */
function conflictsOnce({ run, conflicts = [] }: PlannedChange) {
  return conflicts.filter((other) => other.run === undefined || run < other.run);
}

function Conflicts({ changes }: { changes: readonly PlannedChange[] }) {
  const held = changes.filter((change) => conflictsOnce(change).length > 0 || change.frozenBy);
  if (held.length === 0) return null;
  return (
    <Notice title="In each other’s way">
      <ul className="plain-list">
        {held.map((change) => (
          <li key={change.run}>
            <Link to={pathOf.run(change.run)}>{nameOf(change)}</Link>
            {change.frozenBy && `: its window waits for the end of “${nameWords(change.frozenBy)}”`}
            {conflictsOnce(change).map((other, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: of some only the title may be told, and two may have one.
              <span key={index} className="row-about">
                at the same time as <OtherChange change={other} />, on {enumerated(other.affects)}
              </span>
            ))}
          </li>
        ))}
      </ul>
    </Notice>
  );
}

const kindWords: Record<PlannedTime['kind'], string> = {
  window: 'Window',
  freeze: 'Freeze',
  holiday: 'Holiday',
  other: 'Calendar',
};

const dayMs = 86_400_000;

/** A window over midnight stands on the day on which it opens; a freeze of a week on each of its days. */
function shownOn(times: readonly PlannedTime[], day: string): PlannedTime[] {
  return within(times, day).filter(({ from, to }) => to - from >= dayMs || from >= startOf(day));
}

function TimeLine({ time }: { time: PlannedTime }) {
  return (
    <li className={time.kind}>
      {time.to - time.from < dayMs && `${clock(time.from)} `}
      {kindWords[time.kind]}: {nameWords(time.name || time.calendar)}
    </li>
  );
}

function ChangeLine({ change }: { change: Timed }) {
  return (
    <li className={change.conflicts || change.frozenBy ? 'change held' : 'change'}>
      <Link to={pathOf.run(change.run)}>
        {clock(change.from)} {nameOf(change)}
      </Link>
    </li>
  );
}

const weekdays = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

function AsDays({ calendar, days, day }: { calendar: Calendar; days: string[]; day: string }) {
  const today = dayOf(Date.now());
  const weeks = Array.from({ length: days.length / 7 }, (_, week) => days.slice(7 * week, 7 * week + 7));
  const dates = new Intl.DateTimeFormat('en-GB', { weekday: 'long', day: 'numeric', month: 'long' });
  const changes = timed(calendar.changes);
  return (
    <table className="calendar">
      <caption className="unseen">Days, and what is planned on each</caption>
      <thead>
        <tr>
          {weekdays.map((name) => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {weeks.map((week) => (
          <tr key={week[0]}>
            {week.map((each) => {
              const [times, here] = [shownOn(calendar.times, each), within(changes, each)];
              const isOther = days.length > 7 && each.slice(0, 7) !== day.slice(0, 7);
              return (
                <td
                  key={each}
                  className={[isOther && 'other', times.length + here.length === 0 && 'free']
                    .filter(Boolean)
                    .join(' ')}
                >
                  <time dateTime={each} className={each === today ? 'today' : ''}>
                    <span aria-hidden="true">{Number(each.slice(8))}</span>
                    <span className="whole-day">{dates.format(startOf(each))}</span>
                  </time>
                  <ul>
                    {here.map((change) => (
                      <ChangeLine key={change.run} change={change} />
                    ))}
                    {times.map((time) => (
                      <TimeLine key={`${time.calendar} ${time.from}`} time={time} />
                    ))}
                  </ul>
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function AsList({ calendar, days }: { calendar: Calendar; days: string[] }) {
  const [from, to] = [startOf(days[0] ?? ''), startOf(later(days.at(-1) ?? '', 1))];
  const inside = <T extends { from: number; to: number }>(items: readonly T[]) =>
    items.filter((item) => item.from < to && item.to > from);
  const changes = inside(timed(calendar.changes)).sort((a, b) => a.from - b.from);
  const times = inside(calendar.times);
  if (changes.length + times.length === 0) return <Empty title="Nothing is planned in this time." />;
  return (
    <>
      {changes.length > 0 && (
        <section aria-labelledby="changes">
          <h3 id="changes">Changes and maintenance</h3>
          <ul className="plain-list">
            {changes.map((change) => (
              <li key={change.run}>
                <Link to={pathOf.run(change.run)}>{nameOf(change)}</Link>{' '}
                <Tag>{statusWords[change.status]}</Tag>
                <span className="row-about">
                  <Time at={change.from} as="date" /> to <Time at={change.to} as="date" />
                  {change.affects.length > 0 && `, on ${enumerated(change.affects)}`}
                  {change.risk && `, risk ${change.risk}`}
                </span>
              </li>
            ))}
          </ul>
        </section>
      )}
      <section aria-labelledby="times">
        <h3 id="times">Windows and freezes</h3>
        <ul className="plain-list">
          {times.map((time) => (
            <li key={`${time.calendar} ${time.from}`}>
              {kindWords[time.kind]}: {nameWords(time.name || time.calendar)}
              <span className="row-about">
                <Time at={time.from} as="date" /> to <Time at={time.to} as="date" />
              </span>
            </li>
          ))}
        </ul>
      </section>
    </>
  );
}

function NoTime({ changes }: { changes: readonly PlannedChange[] }) {
  const none = changes.filter(({ from }) => from === undefined);
  if (none.length === 0) return null;
  return (
    <section aria-labelledby="no-time">
      <h2 id="no-time">Under way, without a window</h2>
      <ul className="plain-list">
        {none.map((change) => (
          <li key={change.run}>
            <Link to={pathOf.run(change.run)}>{nameOf(change)}</Link> <Tag>{statusWords[change.status]}</Tag>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Feed({ has, onTold }: { has: boolean; onTold: () => void }) {
  const [address, setAddress] = useState<string>();
  const [asking, setAsking] = useState<'begin' | 'end'>();
  const close = () => setAsking(undefined);
  return (
    <section aria-labelledby="feed">
      <h2 id="feed">In your own calendar</h2>
      <p>
        An address that your calendar program looks at shows all of this there. Whoever has the address reads
        what you may see, so keep it to yourself.
      </p>
      {address && (
        <div className="field">
          <label htmlFor="feed-address">Your address, shown this once</label>
          <input id="feed-address" readOnly value={address} onFocus={({ target }) => target.select()} />
        </div>
      )}
      <div className="buttons">
        <button type="button" className="small" onClick={() => setAsking('begin')}>
          {has ? 'Make a new address' : 'Make an address'}
        </button>
        {has && (
          <button type="button" className="small" onClick={() => setAsking('end')}>
            End it
          </button>
        )}
      </div>
      {asking === 'begin' && (
        <Confirm
          title={has ? 'Make a new address?' : 'Make an address?'}
          action="Make it"
          onConfirm={async () => {
            const { path } = await post<{ path: string }>('/calendar/feed');
            setAddress(location.origin + path);
            close();
            onTold();
          }}
          onClose={close}
        >
          <p>{has ? 'The one that you have ends at once.' : 'You can end it here at any time.'}</p>
        </Confirm>
      )}
      {asking === 'end' && (
        <Confirm
          title="End the address?"
          action="End it"
          onConfirm={async () => {
            await remove('/calendar/feed');
            setAddress(undefined);
            close();
            onTold();
          }}
          onClose={close}
        >
          <p>Calendar programs that look at it find nothing from then on.</p>
        </Confirm>
      )}
    </section>
  );
}
