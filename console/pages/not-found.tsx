import { Empty, PageTitle } from '../components/basics.tsx';
import { Link } from '../router.tsx';

export function NotFoundPage() {
  return (
    <div className="page narrow">
      <PageTitle>No such page</PageTitle>
      <h1>There is no such page</h1>
      <Empty title="The address may be mistyped, or from an older version.">
        <p>
          <Link to="/">Go to your inbox</Link>
        </p>
      </Empty>
    </div>
  );
}
