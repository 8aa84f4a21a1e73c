/** The files of the ticket, each opened through the gateway: whoever signs needs no account of the ticket system. */
import { messageOf } from '../api/client.ts';
import type { RunDetail } from '../api/types.ts';
import { Time } from '../components/basics.tsx';
import { useLoaded } from '../components/loading.ts';

interface TicketFile {
  id: string;
  name: string;
  bytes: number;
  at?: number;
  by?: string;
}

export function GateFiles({ run }: { run: RunDetail }) {
  const path = `/runs/${encodeURIComponent(run.id)}/ticket/files`;
  const { data, error, reload } = useLoaded<{ files: TicketFile[]; system: string }>(
    run.ticket ? path : undefined,
  );
  if (!data && error === undefined) return null;
  if (data && data.files.length === 0) return null;
  return (
    <section aria-labelledby="files">
      <h2 id="files">Files of the ticket</h2>
      {data ? (
        <ul className="plain-list">
          {data.files.map(({ id, name, bytes, at, by }) => (
            <li key={id}>
              <a href={`/api/v1${path}/${encodeURIComponent(id)}`} target="_blank" rel="noreferrer">
                {name}
              </a>{' '}
              <span className="quiet">
                {sizeText(bytes)}
                {by && `, by ${by}`}
                {at !== undefined && (
                  <>
                    , <Time at={at} />
                  </>
                )}
              </span>
            </li>
          ))}
        </ul>
      ) : (
        <>
          <p className="quiet">{messageOf(error)}</p>
          <button type="button" className="small" onClick={reload}>
            Try again
          </button>
        </>
      )}
    </section>
  );
}

function sizeText(bytes: number): string {
  if (bytes < 1_000) return `${bytes} bytes`;
  const [size, unit] = bytes < 1_000_000 ? [bytes / 1_000, 'KB'] : [bytes / 1_000_000, 'MB'];
  return `${size < 10 ? size.toFixed(1) : Math.round(size)} ${unit}`;
}
