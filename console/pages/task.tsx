/** Work that a person was asked to do: what it is, and the form that says it is done. */
import { type FormEvent, useMemo, useState } from 'react';
import { runName } from '../../plan/run-name.ts';
import { ApiError, messageOf, post, stepPath } from '../api/client.ts';
import type { CommandReceipt, RunDetail, Task } from '../api/types.ts';
import {
  Empty,
  Facts,
  FailedPage,
  Left,
  Loading,
  Notice,
  PageTitle,
  TicketLink,
  Time,
  Value,
} from '../components/basics.tsx';
import { Fields } from '../components/fields.tsx';
import { useInbox } from '../components/inbox.tsx';
import { useLoaded } from '../components/loading.ts';
import { useMe } from '../components/me.ts';
import { isProposed } from '../components/receipt.tsx';
import { type FieldValues, fieldProblems, fieldsOfTask, valuesOf } from '../lib/form.ts';
import { enumerated } from '../lib/words.ts';
import { Link, pathOf } from '../router.tsx';

export function TaskPage({ id, step }: { id: string; step: string }) {
  const { data: run, error, loading, reload } = useLoaded<RunDetail>(`/runs/${encodeURIComponent(id)}`);
  const [done, setDone] = useState<{ title: string; receipt: CommandReceipt }>();
  const task = run?.live?.tasks.find((each) => each.step === step);
  if (loading) return <Loading what="the task" />;
  if (!run) return <FailedPage error={error} again={reload} />;
  const title = done?.title ?? task?.title ?? run.titles[step] ?? step;
  return (
    <div className="page narrow">
      <PageTitle>{title}</PageTitle>
      <p className="crumbs">
        <Link to="/">Inbox</Link> / <Link to={pathOf.run(id)}>{runName(run)}</Link>
      </p>
      <h1>{title}</h1>
      {done ? (
        <Notice
          tone={isProposed(done.receipt) ? 'attention' : 'good'}
          title={
            isProposed(done.receipt) ? 'Reported; those who signed are asked first.' : 'Reported as done.'
          }
          live
        >
          <p>
            {isProposed(done.receipt)
              ? 'You were not asked to do this, so what you report is not in force before it is signed.'
              : 'The run goes on by itself.'}
          </p>
          <p>
            <Link to="/">Back to your inbox</Link> or <Link to={pathOf.run(id)}>see the run</Link>
          </p>
        </Notice>
      ) : task ? (
        <OpenTask run={run} task={task} onDone={(receipt) => setDone({ title: task.title, receipt })} />
      ) : (
        <Empty
          title={run.live || run.endedAt ? 'This task is not open any more.' : 'The run cannot be asked now.'}
        >
          <p>
            {run.live || run.endedAt
              ? 'Somebody has reported it as done, or the run went on without it.'
              : 'Countersign does not hear from it at the moment; nothing is lost.'}{' '}
            <Link to={pathOf.run(id)}>See the run</Link>
          </p>
        </Empty>
      )}
    </div>
  );
}

interface OpenTaskProps {
  run: RunDetail;
  task: Task;
  onDone: (receipt: CommandReceipt) => void;
}

function OpenTask({ run, task, onDone }: OpenTaskProps) {
  const inbox = useInbox();
  const me = useMe();
  const fields = useMemo(() => fieldsOfTask(task), [task]);
  const [typed, setTyped] = useState<FieldValues>({});
  const [problems, setProblems] = useState<Record<string, string>>({});
  const [problem, setProblem] = useState<string>();
  const [sending, setSending] = useState(false);
  const send = async (event: FormEvent) => {
    event.preventDefault();
    if (sending) return;
    const { values, problems: wrong } = valuesOf(fields, typed);
    setProblems(wrong);
    setProblem(undefined);
    if (Object.keys(wrong).length > 0) return;
    setSending(true);
    try {
      const receipt = await post<CommandReceipt>(`${stepPath(run.id, task.step)}/complete`, {
        output: values,
      });
      inbox.reload();
      onDone(receipt);
    } catch (error) {
      setSending(false);
      const names = fields.map(({ name }) => name);
      const found =
        error instanceof ApiError && error.status === 422
          ? fieldProblems(error.message, names)
          : { byField: {}, rest: messageOf(error) };
      setProblems(found.byField);
      setProblem(found.rest || undefined);
    }
  };
  return (
    <>
      <p className="instructions">
        <Value value={task.instructions} />
      </p>
      <Facts
        facts={[
          task.deadline !== undefined && { label: 'Time', value: <Left deadline={task.deadline} /> },
          {
            label: 'Asked',
            value: (
              <>
                {enumerated(task.people, 'or')}, <Time at={task.openedAt} />
              </>
            ),
          },
          { label: 'For', value: run.requester },
          run.ticket && { label: 'Ticket', value: <TicketLink ticket={run.ticket} /> },
        ]}
      />
      {me.readOnly === undefined ? (
        <form onSubmit={send} noValidate className="sheet">
          <Fields
            fields={fields}
            typed={typed}
            problems={problems}
            onType={(name, value) => setTyped((before) => ({ ...before, [name]: value }))}
          />
          <div role="alert">{problem && <p className="problem">{problem}</p>}</div>
          <div className="buttons">
            <button type="submit" className="primary" aria-busy={sending}>
              {sending ? 'Sending …' : 'It is done'}
            </button>
          </div>
        </form>
      ) : (
        <Notice title="You do not report this.">
          <p>You see everything and change nothing.</p>
        </Notice>
      )}
    </>
  );
}
