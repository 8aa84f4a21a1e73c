/** What was refused, over all runs: for those who look after the installation, and for auditors. */
import { useState } from 'react';
import { get, messageOf } from '../api/client.ts';
import { Empty, Failed, Loading, PageTitle } from '../components/basics.tsx';
import { useLoaded } from '../components/loading.ts';
import { exact, stamp } from '../lib/time.ts';
import { fieldWords } from '../lib/words.ts';
import { Link, pathOf } from '../router.tsx';

interface Refusal {
  run: string;
  record: number;
  at: string;
  what: string;
  step?: string;
  why: string;
  andMore?: true;
  title?: string;
}

interface Page {
  refusals: Refusal[];
  more: boolean;
}

export function RefusalsPage() {
  const { data, error, loading, reload } = useLoaded<Page>('/refusals');
  return (
    <div className="page">
      <PageTitle>Refused</PageTitle>
      <h1>Refused</h1>
      <p className="lead">
        What reached a run without the seal of this installation, or was to be done though nobody signed it.
        Nothing came of any of it; somebody tried, or something is at fault.
      </p>
      {loading ? (
        <Loading what="what was refused" />
      ) : data ? (
        <Earlier first={data} />
      ) : (
        <Failed error={error} again={reload} />
      )}
    </div>
  );
}

function Earlier({ first }: { first: Page }) {
  const [pages, setPages] = useState([first]);
  const [problem, setProblem] = useState<string>();
  const refusals = pages.flatMap((page) => page.refusals);
  const last = refusals.at(-1);
  if (!last) return <Empty title="Nothing was refused." />;
  const older = async () => {
    try {
      const page = await get<Page>(`/refusals?${new URLSearchParams({ before: last.at })}`);
      setPages([...pages, page]);
      setProblem(undefined);
    } catch (error) {
      setProblem(messageOf(error));
    }
  };
  return (
    <>
      <RefusalList refusals={refusals} ofRun />
      {problem && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
      {pages.at(-1)?.more && (
        <button type="button" className="small" onClick={older}>
          Earlier ones
        </button>
      )}
    </>
  );
}

/** On the page of a run; nothing where nothing was refused, or whoever looks may not see it. */
export function RunRefusals({ id }: { id: string }) {
  const { data } = useLoaded<Page>(`/refusals?${new URLSearchParams({ run: id })}`);
  if (!data || data.refusals.length === 0) return null;
  return (
    <section aria-labelledby="refused">
      <h2 id="refused">Refused</h2>
      <p>
        This came without the seal of the installation, or was to be done though nobody signed it. Nothing
        came of it.
      </p>
      <RefusalList refusals={data.refusals} />
    </section>
  );
}

function RefusalList({ refusals, ofRun = false }: { refusals: Refusal[]; ofRun?: boolean }) {
  return (
    <ol className="journal unnumbered">
      {refusals.map(({ run, record, at, what, step, why, andMore, title }) => (
        <li key={`${run} ${record}`}>
          <time dateTime={at} title={exact(Date.parse(at))}>
            {stamp(Date.parse(at))}
          </time>
          <span className="journal-text">
            {what.includes('.') ? <code>{what}</code> : fieldWords(what)}
            {step && `, for the step ${step}`}: {why}
            {andMore && ' (further ones are not listed)'}
            {ofRun && (
              <span className="row-about">
                {title ? <Link to={pathOf.run(run)}>{title}</Link> : `no run of ours: ${run}`}
              </span>
            )}
          </span>
        </li>
      ))}
    </ol>
  );
}
