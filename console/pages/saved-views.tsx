/** Lists that somebody looks at again: links with names of their own, kept for them at the gateway. */
import { useState } from 'react';
import { put, remove } from '../api/client.ts';
import type { SavedView } from '../api/types.ts';
import { Confirm, Refused } from '../components/dialog.tsx';
import { useLoaded } from '../components/loading.ts';
import { Link } from '../router.tsx';

const pathOfView = (name: string) => `/views/${encodeURIComponent(name)}`;

/** `query` is that of the list as it is shown. */
export function SavedViews({ query }: { query: string }) {
  const { data, reload } = useLoaded<{ views: SavedView[] }>('/views');
  const [asking, setAsking] = useState<'save' | 'forget'>();
  const views = data?.views ?? [];
  const here = views.find((view) => view.query === query);
  if (views.length === 0 && query === '') return null;
  return (
    <div className="views">
      {views.length > 0 && (
        <nav aria-label="Saved lists">
          {views.map((view) => (
            <Link
              key={view.name}
              to={`/runs${view.query ? `?${view.query}` : ''}`}
              aria-current={view === here ? 'page' : undefined}
            >
              {view.name}
            </Link>
          ))}
        </nav>
      )}
      {query !== '' &&
        (here ? (
          <button type="button" className="small" onClick={() => setAsking('forget')}>
            Remove “{here.name}”
          </button>
        ) : (
          <button type="button" className="small" onClick={() => setAsking('save')}>
            Save this list
          </button>
        ))}
      {asking === 'save' && (
        <Save
          query={query}
          onDone={() => {
            setAsking(undefined);
            reload();
          }}
          onClose={() => setAsking(undefined)}
        />
      )}
      {asking === 'forget' && here && (
        <Confirm
          title={`Remove “${here.name}”?`}
          action="Remove the list"
          onConfirm={async () => {
            await remove(pathOfView(here.name));
            setAsking(undefined);
            reload();
          }}
          onClose={() => setAsking(undefined)}
        >
          <p>Only its name goes. The runs stay as they are.</p>
        </Confirm>
      )}
    </div>
  );
}

interface SaveProps {
  query: string;
  onDone: () => void;
  onClose: () => void;
}

function Save({ query, onDone, onClose }: SaveProps) {
  const [name, setName] = useState('');
  return (
    <Confirm
      title="Save this list"
      action="Save the list"
      onConfirm={async () => {
        if (!name.trim()) throw new Refused('Please give it a name.');
        await put(pathOfView(name.trim()), { query });
        onDone();
      }}
      onClose={onClose}
    >
      <p>You find it above the list from then on. Nobody else sees it.</p>
      <div className="field">
        <label htmlFor="view-name">Its name</label>
        <input
          id="view-name"
          maxLength={60}
          autoComplete="off"
          value={name}
          onChange={({ target }) => setName(target.value)}
        />
      </div>
    </Confirm>
  );
}
