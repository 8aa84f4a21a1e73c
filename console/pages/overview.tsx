/** How things stand: what parked and why, what is overdue, how old gates are, how long runbooks take. */
import { useState } from 'react';
import { messageOf, post, stepPath } from '../api/client.ts';
import type { CommandReceipt, Overview, ParkedGroup } from '../api/types.ts';
import { Empty, FailedPage, Loading, PageTitle, Time } from '../components/basics.tsx';
import { Confirm } from '../components/dialog.tsx';
import { useLoaded } from '../components/loading.ts';
import { StuckMessages } from '../components/stuck-messages.tsx';
import { lengthWords, tookWords } from '../lib/time.ts';
import { statusWords } from '../lib/words.ts';
import { Link, pathOf } from '../router.tsx';

export function OverviewPage() {
  const { data, error, loading, reload } = useLoaded<Overview>('/overview');
  // Of the last group that was tried again, which may be gone from the list by then.
  const [outcome, setOutcome] = useState<string>();
  if (loading) return <Loading what="the overview" />;
  if (!data) return <FailedPage error={error} again={reload} />;
  const { parked, standing, messages = [] } = data;
  return (
    <div className="page">
      <PageTitle>Overview</PageTitle>
      <h1>Overview</h1>
      {standing && <Numbers standing={standing} />}
      <StuckMessages messages={messages} onChange={reload} />
      <section aria-labelledby="parked">
        <h2 id="parked">What parked</h2>
        <div role="status">{outcome && <p>{outcome}</p>}</div>
        {parked.length === 0 ? (
          <Empty title="Nothing is parked.">
            <p>A step that fails after its retries waits here for somebody to decide.</p>
          </Empty>
        ) : (
          parked.map((group) => (
            <Parked
              key={JSON.stringify([group.runbook, group.step, group.message])}
              group={group}
              onTold={(told) => {
                setOutcome(told);
                reload();
              }}
            />
          ))
        )}
      </section>
      {standing && <Durations durations={standing.durations} />}
    </div>
  );
}

type Standing = NonNullable<Overview['standing']>;

function Numbers({ standing: { live, overdue, gates } }: { standing: Standing }) {
  const statuses = (['running', 'waiting', 'parked', 'paused', 'undoing'] as const).filter(
    (status) => (live[status] ?? 0) > 0,
  );
  return (
    <section aria-label="Now">
      <dl className="numbers">
        {statuses.map((status) => (
          <div key={status}>
            <dt>{statusWords[status]}</dt>
            <dd>
              <Link to={`/runs?status=${status}`}>{live[status]}</Link>
            </dd>
          </div>
        ))}
        <div className={overdue > 0 ? 'late' : undefined}>
          <dt>Overdue</dt>
          <dd>{overdue > 0 ? <Link to="/runs?overdue=true">{overdue}</Link> : overdue}</dd>
        </div>
        <div>
          <dt>Open approvals</dt>
          <dd>{gates.open}</dd>
        </div>
        {gates.oldest !== undefined && (
          <div>
            <dt>Oldest approval</dt>
            <dd>{lengthWords(gates.oldest)}</dd>
          </div>
        )}
        {gates.median !== undefined && gates.open > 1 && (
          <div>
            <dt>Half of them are younger than</dt>
            <dd>{lengthWords(gates.median)}</dd>
          </div>
        )}
      </dl>
    </section>
  );
}

const mostShown = 10;

function Parked({ group, onTold }: { group: ParkedGroup; onTold: (outcome: string) => void }) {
  const [asking, setAsking] = useState(false);
  const { steps, stepTitle, title, message } = group;
  const retryAll = async (comment: string) => {
    const refused: string[] = [];
    for (const { run, step } of steps) {
      // One after the other: each is a command of its own, on record in its own run.
      await post<CommandReceipt>(`${stepPath(run, step)}/retry`, comment ? { comment } : {}).catch(
        (error: unknown) => refused.push(messageOf(error)),
      );
    }
    setAsking(false);
    const tried = steps.length - refused.length;
    const [why] = refused;
    onTold(
      `“${stepTitle}”: ${tried} of ${steps.length} are tried again.${why ? ` ${refused.length} could not be: ${why}` : ''}`,
    );
  };
  return (
    <article className="sheet parked-group">
      <h3>
        {stepTitle} <span className="quiet">{title}</span>
      </h3>
      <p className="reason">{message}</p>
      <ul className="plain-list">
        {steps.slice(0, mostShown).map(({ run, step, since, subject, ticket }) => (
          <li key={`${run} ${step}`}>
            <Link to={pathOf.run(run)}>{[ticket, subject].filter(Boolean).join(' ') || title}</Link>{' '}
            <span className="quiet">
              <Time at={since} />
            </span>
          </li>
        ))}
      </ul>
      {steps.length > mostShown && (
        <p>
          <Link to={`/runs?status=parked&runbook=${encodeURIComponent(group.runbook)}`}>
            And {steps.length - mostShown} more
          </Link>
        </p>
      )}
      {group.mayOperate && (
        <div className="buttons">
          <button type="button" className="primary small" onClick={() => setAsking(true)}>
            {steps.length === 1 ? 'Try again' : `Try all ${steps.length} again`}
          </button>
        </div>
      )}
      {asking && (
        <Confirm
          title={steps.length === 1 ? 'Try it again?' : `Try all ${steps.length} again?`}
          action="Try again"
          comment={{ label: 'Comment', hint: 'It stands in the journal of each run.' }}
          onConfirm={retryAll}
          onClose={() => setAsking(false)}
        >
          <p>“{stepTitle}” is done again with the same input, in each of these runs.</p>
        </Confirm>
      )}
    </article>
  );
}

function Durations({ durations }: { durations: Standing['durations'] }) {
  if (durations.length === 0) return null;
  return (
    <section aria-labelledby="durations">
      <h2 id="durations">How long runs took, last 30 days</h2>
      <table className="table labelled">
        <thead>
          <tr>
            <th scope="col">Runbook</th>
            <th scope="col">Ended</th>
            <th scope="col">Done</th>
            <th scope="col">Half are faster than</th>
            <th scope="col">Longest</th>
          </tr>
        </thead>
        <tbody>
          {durations.map(({ runbook, title, ended, succeeded, median, longest }) => (
            <tr key={runbook}>
              <td>
                <Link to={`/runs?runbook=${encodeURIComponent(runbook)}`}>{title}</Link>
              </td>
              <td data-label="Ended">{ended}</td>
              <td data-label="Done">{succeeded}</td>
              <td data-label="Half are faster than">{tookWords(median)}</td>
              <td data-label="Longest">{tookWords(longest)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
