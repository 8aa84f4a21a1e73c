/** One runbook: the procedure for people, and the picture of its flow. */
import { useState } from 'react';
import type { Procedure, RunbookDetail } from '../api/types.ts';
import { Failed, FailedPage, Loading, PageTitle } from '../components/basics.tsx';
import { Dialog } from '../components/dialog.tsx';
import { useLoaded } from '../components/loading.ts';
import { Link, pathOf } from '../router.tsx';

export function RunbookPage({ name }: { name: string }) {
  const path = `/runbooks/${encodeURIComponent(name)}`;
  const { data, error, loading, reload } = useLoaded<RunbookDetail>(path);
  const procedure = useLoaded<Procedure>(`${path}/procedure`);
  if (loading) return <Loading what="the runbook" />;
  if (!data) return <FailedPage error={error} again={reload} />;
  return (
    <div className="page">
      <PageTitle>{data.title}</PageTitle>
      <p className="crumbs">
        <Link to="/runbooks">Runbooks</Link>
      </p>
      <div className="head">
        <h1>{data.title}</h1>
        <div className="buttons">
          {data.mayStart && (
            <Link to={pathOf.start(name)} className="button primary">
              Start
            </Link>
          )}
          <Link to={`/runs?runbook=${encodeURIComponent(name)}`} className="button">
            Its runs
          </Link>
        </div>
      </div>
      {procedure.loading && <Loading what="the procedure" />}
      {procedure.error !== undefined && !procedure.data && (
        <Failed error={procedure.error} again={procedure.reload} />
      )}
      {procedure.data && <ProcedureText title={data.title} procedure={procedure.data} />}
    </div>
  );
}

function ProcedureText({ title, procedure }: { title: string; procedure: Procedure }) {
  const [large, setLarge] = useState(false);
  // As a picture of its own: its style sheet would otherwise be the whole page's.
  const picture = `data:image/svg+xml,${encodeURIComponent(procedure.svg)}`;
  return (
    <div className="procedure">
      <article
        // The gateway makes it from the plan and escapes all that an author wrote; scripts are forbidden by the page's policy.
        // biome-ignore lint/security/noDangerouslySetInnerHtml: our own documents, not somebody's text.
        dangerouslySetInnerHTML={{ __html: withoutTitle(procedure.html) }}
      />
      <figure>
        <figcaption>
          The flow
          <button type="button" className="small" onClick={() => setLarge(true)}>
            Enlarge
          </button>
        </figcaption>
        <img src={picture} alt={`The flow of ${title}: the procedure’s steps from top to bottom.`} />
      </figure>
      {large && (
        <Dialog title={`The flow of ${title}`} wide onClose={() => setLarge(false)}>
          <div className="large-picture">
            <img src={picture} alt="The same flow, large enough to read." />
          </div>
          <div className="buttons">
            <button type="button" onClick={() => setLarge(false)}>
              Close
            </button>
          </div>
        </Dialog>
      )}
    </div>
  );
}

/** The page has the title already. */
function withoutTitle(html: string): string {
  return html.replace(/^\s*(<main>)?\s*<h1>[\s\S]*?<\/h1>/, '$1');
}
