/** What ticket systems sent, and what became of it: for whoever wonders why nothing was started. */

import { useState } from 'react';
import { post } from '../api/client.ts';
import { Empty, Facts, FailedPage, Loading, Notice, PageTitle, Time } from '../components/basics.tsx';
import { Confirm } from '../components/dialog.tsx';
import { useLoaded } from '../components/loading.ts';
import { useMe } from '../components/me.ts';
import { systemWords } from '../lib/words.ts';
import { Link, pathOf } from '../router.tsx';

interface Delivery {
  id: string;
  system: string;
  receivedAt: string;
  believed: boolean;
  outcome: string;
  reason?: string;
  runId?: string;
  attempts: number;
  emptiedAt?: string;
}

interface DeliveryInFull extends Delivery {
  body: string;
  replays: { at: string; by: string; outcome: string; reason?: string; runId?: string }[];
}

interface Came {
  deliveries: Delivery[];
  unsettled: { count: number; oldestSeconds: number };
}

const outcomeWords: Record<string, string> = {
  received: 'Received, and not handled yet',
  started: 'Started a run',
  told: 'Told a run that is live',
  kept: 'Kept until what it is about is there',
  already: 'Came before',
  'not for us': 'No runbook is started by it',
  late: 'Came late: something newer was there already',
  rejected: 'Started nothing',
  failed: 'Failed, and is tried again',
};

const wordsOf = (outcome: string) => outcomeWords[outcome] ?? outcome;

export function DeliveriesPage() {
  const { data, error, loading, reload } = useLoaded<Came>('/deliveries?limit=100');
  if (loading) return <Loading what="what came in" />;
  if (!data) return <FailedPage error={error} again={reload} />;
  return (
    <div className="page">
      <PageTitle>What came in</PageTitle>
      <p className="crumbs">
        <Link to="/runs">Runs</Link>
      </p>
      <h1>What came in</h1>
      <p className="lead">What ticket systems sent lately, and what became of it.</p>
      {data.unsettled.count > 0 && (
        <Notice title={`Received and not handled yet: ${data.unsettled.count}`}>
          <p>
            The oldest came {Math.round(data.unsettled.oldestSeconds)} s ago. Runs are started as fast as
            those before them get on; nothing is lost meanwhile.
          </p>
        </Notice>
      )}
      {data.deliveries.length === 0 ? (
        <Empty title="Nothing has come in yet." />
      ) : (
        <table className="table">
          <thead>
            <tr>
              <th scope="col">What became of it</th>
              <th scope="col">From</th>
              <th scope="col">When</th>
            </tr>
          </thead>
          <tbody>
            {data.deliveries.map(({ id, system, outcome, reason, receivedAt }) => (
              <tr key={id}>
                <td>
                  <Link to={pathOf.delivery(id)} className="row-title">
                    {wordsOf(outcome)}
                  </Link>
                  {reason && <span className="row-about">{reason}</span>}
                </td>
                <td>{systemWords(system)}</td>
                <td className="nowrap">
                  <Time at={receivedAt} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}

export function DeliveryPage({ id }: { id: string }) {
  const { data, error, loading, reload } = useLoaded<DeliveryInFull>(`/deliveries/${encodeURIComponent(id)}`);
  const me = useMe();
  const [asking, setAsking] = useState(false);
  if (loading) return <Loading what="what came in" />;
  if (!data) return <FailedPage error={error} again={reload} />;
  const again =
    ['rejected', 'failed', 'not for us'].includes(data.outcome) &&
    data.believed &&
    data.emptiedAt === undefined;
  return (
    <div className="page narrow">
      <PageTitle>{wordsOf(data.outcome)}</PageTitle>
      <p className="crumbs">
        <Link to="/runs">Runs</Link> / <Link to="/deliveries">What came in</Link>
      </p>
      <h1>{wordsOf(data.outcome)}</h1>
      {data.reason && (
        <Notice title="Why">
          <p>{data.reason}</p>
        </Notice>
      )}
      <Facts
        facts={[
          { label: 'From', value: systemWords(data.system) },
          { label: 'Came', value: <Time at={data.receivedAt} as="date" /> },
          {
            label: 'Its signature',
            value: data.believed ? 'is right' : 'is missing, wrong or too old: it was not believed',
          },
          data.runId !== undefined && {
            label: 'Run',
            value: <Link to={pathOf.run(data.runId)}>See the run</Link>,
          },
        ]}
      />
      {again && me.readOnly === undefined && (
        <div className="buttons">
          <button type="button" className="primary" onClick={() => setAsking(true)}>
            Handle it again
          </button>
        </div>
      )}
      <Replays of={data} />
      {data.emptiedAt === undefined ? (
        <details>
          <summary>What was sent</summary>
          <pre className="sent">{data.body}</pre>
        </details>
      ) : (
        <p>
          What was sent was removed <Time at={data.emptiedAt} as="date" />: the time is over for which it is
          kept.
        </p>
      )}
      {asking && (
        <Confirm
          title="Handle it again?"
          action="Handle it again"
          onConfirm={async () => {
            await post(`/deliveries/${encodeURIComponent(data.id)}/replay`);
            setAsking(false);
            reload();
          }}
          onClose={() => setAsking(false)}
        >
          <p>It is handled as if it came just now, with the runbooks as they are today.</p>
        </Confirm>
      )}
    </div>
  );
}

function Replays({ of: { replays } }: { of: DeliveryInFull }) {
  if (replays.length === 0) return null;
  return (
    <section aria-labelledby="replays">
      <h2 id="replays">Handled again</h2>
      <ul className="plain-list">
        {replays.map(({ at, by, outcome, reason }) => (
          <li key={at}>
            <Time at={at} as="date" /> by {by}: {wordsOf(outcome)}
            {reason && `. ${reason}`}
          </li>
        ))}
      </ul>
    </section>
  );
}
