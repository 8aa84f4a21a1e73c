/** What waits for whoever is signed in, the nearest deadline first. */
import { runName } from '../../plan/run-name.ts';
import type { InboxItem } from '../api/types.ts';
import { Empty, Failed, Left, Loading, PageTitle, Prose, Time } from '../components/basics.tsx';
import { useInbox } from '../components/inbox.tsx';
import { fieldWords, plainText, roleWords } from '../lib/words.ts';
import { Link, pathOf } from '../router.tsx';

export function InboxPage() {
  const { data, error, loading, reload } = useInbox();
  const items = data?.items ?? [];
  return (
    <div className="page">
      <PageTitle>{data?.total ? `Inbox (${data.total})` : 'Inbox'}</PageTitle>
      <h1>Inbox</h1>
      <p className="lead" aria-live="polite">
        {data && (items.length === 0 ? 'Nothing waits for you.' : countWords(items, data.total))}
      </p>
      {loading && <Loading what="your inbox" />}
      {error !== undefined && !data && <Failed error={error} again={reload} />}
      {items.length > 0 && (
        <ul className="rows" aria-label="Waiting for you">
          {items.map((item) => (
            <InboxRow key={`${item.run.id} ${item.step}`} item={item} />
          ))}
        </ul>
      )}
      {data && items.length === 0 && (
        <Empty title="All done.">
          <p>
            What you are asked to sign or do comes here by itself. Meanwhile:{' '}
            <Link to="/runs">see the runs</Link> or <Link to="/runbooks">start a runbook</Link>.
          </p>
        </Empty>
      )}
    </div>
  );
}

function countWords(items: InboxItem[], total: number): string {
  const late = items.filter(({ deadline }) => deadline !== undefined && deadline < Date.now()).length;
  const all = total === 1 ? 'One thing waits for you' : `${total} things wait for you`;
  return late > 0 ? `${all}, ${late} of them overdue.` : `${all}, the nearest deadline first.`;
}

const kinds: Record<InboxItem['kind'], { word: string; tone: string }> = {
  gate: { word: 'Signature', tone: 'accent' },
  task: { word: 'Task', tone: 'plain' },
  parked: { word: 'Parked', tone: 'danger' },
  question: { word: 'Question', tone: 'accent' },
};

export function pathOfItem({ kind, run, step }: InboxItem): string {
  if (kind === 'gate') return pathOf.gate(run.id, step);
  if (kind === 'question') return `${pathOf.gate(run.id, step)}#questions`;
  return kind === 'task' ? pathOf.task(run.id, step) : `${pathOf.run(run.id)}#step-${step}`;
}

function InboxRow({ item }: { item: InboxItem }) {
  const { run, title, kind, since, deadline, reason, role, suggested = [] } = item;
  const { word, tone } = suggested.length > 0 ? { ...kinds.question, word: 'Suggested' } : kinds[kind];
  return (
    <li className="row">
      <Link to={pathOfItem(item)} className="row-link">
        <span className={`kind ${tone}`}>{word}</span>
        <span className="row-main">
          <span className="row-title">{title}</span>
          <span className="row-about">
            {runName(run)}
            {run.ticket && ` · ${run.ticket.key} ${run.ticket.summary}`}
          </span>
          {reason && (
            <span className="row-reason">
              <Prose text={reason} />
            </span>
          )}
          {suggested.map(({ input, before, after }) => (
            <span key={input} className="row-about">
              {fieldWords(input)}: {plainText(after)} instead of {plainText(before)}
            </span>
          ))}
          <span className="quiet">
            For {run.requester}, {kind === 'parked' ? 'parked' : 'asked'} <Time at={since} />
            {role && ` · as one of ${roleWords(role)}`}
          </span>
        </span>
        <span className="row-side">
          {deadline === undefined ? <span className="quiet">no deadline</span> : <Left deadline={deadline} />}
        </span>
      </Link>
    </li>
  );
}
