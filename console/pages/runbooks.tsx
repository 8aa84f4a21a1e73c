/** The catalogue: every runbook, by kind. */
import type { RunbookList, RunbookSource, RunbookSummary, SourceCommit } from '../api/types.ts';
import { Empty, Failed, Loading, Notice, PageTitle } from '../components/basics.tsx';
import { useLoaded } from '../components/loading.ts';
import { kindWords, partyWords } from '../lib/words.ts';
import { Link, pathOf } from '../router.tsx';

export function RunbooksPage() {
  const { data, error, loading, reload } = useLoaded<RunbookList>('/runbooks');
  const kinds = Object.keys(kindWords).filter((kind) => data?.runbooks.some((each) => each.kind === kind));
  return (
    <div className="page">
      <PageTitle>Runbooks</PageTitle>
      <h1>Runbooks</h1>
      {loading && <Loading what="the runbooks" />}
      {error !== undefined && !data && <Failed error={error} again={reload} />}
      {data?.source && <SourceState source={data.source} />}
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

/** What wants somebody comes first and is said at once; what is in use stands there quietly. */
function SourceState({ source: { branch, active, held, trouble } }: { source: RunbookSource }) {
  return (
    <>
      {held && (
        <Notice tone="danger" live title={`The newest commit, ${shortId(held)}, cannot be used`}>
          <p>
            “{held.subject}”, by {held.author}.{' '}
            {active ? `${shortId(active)} stays in use.` : 'No commit is in use.'}
          </p>
          <ul>
            {held.problems.map((problem) => (
              <li key={problem}>{problem}</li>
            ))}
          </ul>
        </Notice>
      )}
      {trouble && (
        <Notice tone="attention" live title={`The branch ${branch} cannot be read`}>
          <p>{trouble.says}</p>
        </Notice>
      )}
      {active && (
        <p className="quiet">
          From {branch}, {shortId(active)}: “{active.subject}”, by {active.author}
        </p>
      )}
    </>
  );
}

function shortId({ id }: SourceCommit): string {
  return id.slice(0, 10);
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
