/** What people who work on a run write for each other. */
import { type FormEvent, useState } from 'react';
import { messageOf, post } from '../api/client.ts';
import { Prose, Time } from '../components/basics.tsx';
import { useLoaded } from '../components/loading.ts';
import { useMe } from '../components/me.ts';

interface Note {
  at: number;
  person: string;
  text: string;
}

export function RunNotes({ id }: { id: string }) {
  const path = `/runs/${encodeURIComponent(id)}/notes`;
  const { data, reload } = useLoaded<{ notes: Note[] }>(path);
  const me = useMe();
  const [text, setText] = useState('');
  const [problem, setProblem] = useState<string>();
  const [sending, setSending] = useState(false);
  const add = async (event: FormEvent) => {
    event.preventDefault();
    if (sending || !text.trim()) return;
    setSending(true);
    setProblem(undefined);
    try {
      await post(path, { text: text.trim() });
      setText('');
      reload();
    } catch (error) {
      setProblem(messageOf(error));
    } finally {
      setSending(false);
    }
  };
  if (me.readOnly !== undefined && (data?.notes.length ?? 0) === 0) return null;
  return (
    <section className="notes" aria-labelledby="notes">
      <h2 id="notes">Notes</h2>
      {data && data.notes.length > 0 && (
        <ul className="plain-list">
          {data.notes.map(({ at, person, text: said }) => (
            <li key={`${at} ${person}`}>
              <span className="quiet">
                {person}, <Time at={at} />
              </span>
              <span className="said">
                <Prose text={said} />
              </span>
            </li>
          ))}
        </ul>
      )}
      {me.readOnly === undefined && (
        <form onSubmit={add}>
          <div className="field">
            <label htmlFor="note">Add a note</label>
            <textarea
              id="note"
              rows={2}
              maxLength={4000}
              value={text}
              aria-describedby="note-hint"
              onChange={({ target }) => setText(target.value)}
            />
            <p id="note-hint" className={problem ? 'problem' : 'hint'} aria-live="polite">
              {problem ?? 'For whoever works on it. It is no part of the evidence.'}
            </p>
          </div>
          <button type="submit" className="small below" aria-busy={sending}>
            Add the note
          </button>
        </form>
      )}
    </section>
  );
}
