/** The catalogue: every runbook, by kind. */
import type { RunbookSummary } from '../api/types.ts';
import { Empty, Failed, Loading, PageTitle } from '../components/basics.tsx';
import { useLoaded } from '../components/loading.ts';
import { kindWords, partyWords } from '../lib/words.ts';
import { Link, pathOf } from '../router.tsx';

export function RunbooksPage() {
  const { data, error, loading, reload } = useLoaded<{ runbooks: RunbookSummary[] }>('/runbooks');
  const kinds = Object.keys(kindWords).filter((kind) => data?.runbooks.some((each) => each.kind === kind));
  return (
    <div className="page">
      <PageTitle>Runbooks</PageTitle>
      <h1>Runbooks</h1>
      {loading && <Loading what="the runbooks" />}
      {error !== undefined && !data && <Failed error={error} again={reload} />}
      {data?.runbooks.length === 0 && (
        <Empty title="There is no runbook yet.">
          <p>Runbooks are files in git. The gateway reads them when it starts.</p>
        </Empty>
      )}
      {kinds.map((kind) => (
        <section key={kind} aria-labelledby={`kind-${kind}`}>
          <h2 id={`kind-${kind}`}>{kindWords[kind]}</h2>
          <ul className="rows">
            {data?.runbooks
              .filter((each) => each.kind === kind)
              .sort((a, b) => a.title.localeCompare(b.title))
              .map((each) => (
                <RunbookRow key={each.runbook} runbook={each} />
              ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

function RunbookRow({ runbook }: { runbook: RunbookSummary }) {
  const { runbook: name, title, description, owner, mayStart } = runbook;
  return (
    <li className="row plain">
      <div className="row-main">
        <Link to={pathOf.runbook(name)} className="row-title">
          {title}
        </Link>
        {description && <span className="row-about">{description}</span>}
        <span className="quiet">Owned by {partyWords(owner)}</span>
      </div>
      <div className="row-side">
        {mayStart && (
          <Link to={pathOf.start(name)} className="button small" aria-label={`Start ${title}`}>
            Start
          </Link>
        )}
      </div>
    </li>
  );
}
