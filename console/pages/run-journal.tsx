/** All that happened in a run, in order, for whoever must be able to follow it later. */
import { useState } from 'react';
import type { JournalEntry, RunDetail } from '../api/types.ts';
import { Empty, Prose } from '../components/basics.tsx';
import { itemsNamed, journalLine } from '../lib/journal-words.ts';
import { exact, stamp } from '../lib/time.ts';
import { RunEvidence } from './run-evidence.tsx';

export function RunJournal({ run, entries }: { run: RunDetail; entries: readonly JournalEntry[] }) {
  const [brief, setBrief] = useState(true);
  const shown = brief ? entries.filter(({ kind }) => kind !== 'step.started') : entries;
  const items = itemsNamed(entries);
  if (entries.length === 0) return <Empty title="Nothing has been written down yet." />;
  return (
    <>
      <label className="tick">
        <input type="checkbox" checked={!brief} onChange={({ target }) => setBrief(!target.checked)} />
        Also when each step began
      </label>
      <ol className="journal">
        {shown.map((entry) => (
          <Line key={entry.seq} entry={entry} titles={run.titles} items={items} />
        ))}
      </ol>
      <p className="quiet">
        {entries.length} entries, numbered without gaps. Times are in {zoneName()}.
      </p>
      <RunEvidence id={run.id} />
    </>
  );
}

function zoneName(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

const tones: Partial<Record<JournalEntry['kind'], string>> = {
  'step.parked': 'danger',
  'step.failed': 'danger',
  'gate.rejected': 'danger',
  'run.undoing': 'attention',
  'gate.voided': 'attention',
  'run.started': 'strong',
  'run.ended': 'strong',
};

interface LineProps {
  entry: JournalEntry;
  titles: Record<string, string>;
  items: ReadonlyMap<string, string>;
}

function Line({ entry, titles, items }: LineProps) {
  const { text, said } = journalLine(entry, titles, items);
  return (
    <li value={entry.seq} className={tones[entry.kind]}>
      <span className="journal-number">{entry.seq}</span>
      <time dateTime={new Date(entry.at).toISOString()} title={exact(entry.at)}>
        {stamp(entry.at)}
      </time>
      <span className="journal-text">
        {text}
        {said && (
          <span className="said">
            <Prose text={said} />
          </span>
        )}
      </span>
    </li>
  );
}
