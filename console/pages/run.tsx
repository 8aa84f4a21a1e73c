/** One run: how it stands, step by step, live; what its operator may do; and its journal. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { runName, shortRunId } from '../../plan/run-name.ts';
import { get } from '../api/client.ts';
import type { Journal, JournalEntry, RunDetail } from '../api/types.ts';
import {
  Facts,
  FailedPage,
  Left,
  Loading,
  PageTitle,
  TicketLink,
  Time,
  Values,
} from '../components/basics.tsx';
import { useLoaded, useSettled, useStream } from '../components/loading.ts';
import { StateMark } from '../components/state-mark.tsx';
import { isPaused, timelineOf } from '../lib/timeline.ts';
import { endedStatuses, partyWords, statusWords, waitingWords } from '../lib/words.ts';
import { Link, pathOf } from '../router.tsx';
import { RunRefusals } from './refusals.tsx';
import { RunJournal } from './run-journal.tsx';
import { RunNotes } from './run-notes.tsx';
import { RunOperations } from './run-operations.tsx';
import { RunSteps } from './run-steps.tsx';
import { RunUnsettled } from './run-unsettled.tsx';

interface RunPageProps {
  id: string;
  view: 'steps' | 'journal';
}

export function RunPage({ id, view }: RunPageProps) {
  const run = useLoaded<RunDetail>(`/runs/${encodeURIComponent(id)}`);
  const { entries, add, refresh } = useJournal(id);
  const reloadSoon = useSettled(run.reload, 250);
  const live = run.data !== undefined && entries !== undefined && !run.data.endedAt;
  useStream(
    live ? () => `/runs/${encodeURIComponent(id)}/events?after=${entries?.at(-1)?.seq ?? 0}` : undefined,
    {
      entry: (data) => {
        add([data as JournalEntry]);
        reloadSoon();
      },
      status: reloadSoon,
    },
    () => {
      refresh();
      run.reload();
    },
  );
  if (run.loading) return <Loading what="the run" />;
  if (!run.data) return <FailedPage error={run.error} again={run.reload} />;
  return (
    <RunText
      run={run.data}
      entries={entries ?? []}
      view={view}
      onTold={() => {
        refresh();
        run.reload();
      }}
    />
  );
}

/** The journal so far; new entries are added as they come, each once. */
function useJournal(id: string) {
  const [entries, setEntries] = useState<JournalEntry[]>();
  const last = useRef(0);
  const add = useCallback((more: readonly JournalEntry[]) => {
    setEntries((before = []) => {
      const seen = before.at(-1)?.seq ?? 0;
      const after = [...before, ...more.filter(({ seq }) => seq > seen)];
      last.current = after.at(-1)?.seq ?? 0;
      return after;
    });
  }, []);
  const refresh = useCallback(() => {
    get<Journal>(`/runs/${encodeURIComponent(id)}/journal?after=${last.current}`).then(
      (journal) => add(journal.entries),
      // The page says so already: it asks for the run at the same time.
      () => {},
    );
  }, [id, add]);
  useEffect(refresh, [refresh]);
  return { entries, add, refresh };
}

interface RunTextProps {
  run: RunDetail;
  entries: readonly JournalEntry[];
  view: RunPageProps['view'];
  onTold: () => void;
}

function RunText({ run, entries, view, onTold }: RunTextProps) {
  const steps = timelineOf(run, entries);
  const tab = (to: string, text: string, here: boolean) => (
    <Link to={to} aria-current={here ? 'page' : undefined}>
      {text}
    </Link>
  );
  return (
    <div className="page run">
      <PageTitle>{`${runName(run)}${run.ticket ? `, ${run.ticket.key}` : ''}`}</PageTitle>
      <p className="crumbs">
        <Link to="/runs">Runs</Link>
      </p>
      <div className="head">
        <div>
          <h1>{runName(run)}</h1>
          {run.ticket && (
            <p className="lead">
              <TicketLink ticket={run.ticket} />
            </p>
          )}
        </div>
        <RunOperations run={run} paused={isPaused(entries)} onTold={onTold} />
      </div>
      <StatusLine run={run} />
      <RunUnsettled run={run} entries={entries} />
      <div className="run-columns">
        <div>
          <nav className="tabs" aria-label="Views of the run">
            {tab(pathOf.run(run.id), 'Steps', view === 'steps')}
            {tab(pathOf.journal(run.id), 'Journal', view === 'journal')}
          </nav>
          <h2 className="unseen">{view === 'steps' ? 'Steps' : 'Journal'}</h2>
          {view === 'steps' ? (
            <RunSteps run={run} steps={steps} onTold={onTold} />
          ) : (
            <RunJournal run={run} entries={entries} />
          )}
          <RunRefusals id={run.id} />
          <RunNotes id={run.id} />
        </div>
        <aside aria-label="About the run">
          <About run={run} />
        </aside>
      </div>
    </div>
  );
}

function StatusLine({ run }: { run: RunDetail }) {
  const ended = endedStatuses.includes(run.status);
  return (
    <div className={`run-status ${run.status}`} role="status">
      <StateMark state={run.status} />
      <p>
        <strong>{statusWords[run.status]}</strong>
        {ended && run.endedAt && (
          <>
            {' '}
            <Time at={run.endedAt} />
          </>
        )}
        {run.reason && <span className="run-reason">: {run.reason}</span>}
        {!ended &&
          run.waitingOn.map((waiting) => (
            <span key={waiting.step} className="run-waiting">
              Waits for {waitingWords(waiting)}, since <Time at={waiting.since} as="date" />
              {waiting.deadline !== undefined && (
                <>
                  {' · '}
                  <Left deadline={waiting.deadline} />
                </>
              )}
            </span>
          ))}
      </p>
    </div>
  );
}

function About({ run }: { run: RunDetail }) {
  return (
    <>
      <Facts
        facts={[
          { label: 'Runbook', value: <Link to={pathOf.runbook(run.runbook)}>{run.title}</Link> },
          {
            label: 'Asked by',
            value: run.requester.includes('@') ? (
              <Link to={pathOf.person(run.requester)}>{run.requester}</Link>
            ) : (
              run.requester
            ),
          },
          { label: 'Operated by', value: partyWords(run.owner) },
          { label: 'Started', value: <Time at={run.startedAt} as="date" /> },
          run.endedAt !== undefined && { label: 'Ended', value: <Time at={run.endedAt} as="date" /> },
          run.partOf !== undefined && {
            label: 'Part of',
            value: <Link to={pathOf.run(run.partOf)}>another run</Link>,
          },
          { label: 'Run', value: <code title={run.id}>{shortRunId(run.id)}</code> },
        ]}
      />
      {run.mayStart && !run.partOf && (
        <p className="aside-link">
          <Link to={pathOf.again(run.runbook, run.id)}>Run again with the same inputs</Link>
        </p>
      )}
      {run.inputs && Object.keys(run.inputs).length > 0 && (
        <section aria-labelledby="inputs">
          <h2 id="inputs">Inputs</h2>
          <Values values={run.inputs} />
        </section>
      )}
      {run.outputs && Object.keys(run.outputs).length > 0 && (
        <section aria-labelledby="outputs">
          <h2 id="outputs">Outputs</h2>
          <Values values={run.outputs} />
        </section>
      )}
      {!run.live && !run.endedAt && (
        <p className="quiet">
          The run itself does not answer just now. What you see is what it last reported.
        </p>
      )}
    </>
  );
}
