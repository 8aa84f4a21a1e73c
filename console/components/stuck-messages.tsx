/** Messages that could not be sent: who did not get what, why, and what can be done about it. */
import { useState } from 'react';
import { messageOf, post } from '../api/client.ts';
import type { StuckMessage } from '../api/types.ts';
import { Link, pathOf } from '../router.tsx';
import { Time } from './basics.tsx';
import { Confirm } from './dialog.tsx';

export function StuckMessages({ messages, onChange }: { messages: StuckMessage[]; onChange: () => void }) {
  const [outcome, setOutcome] = useState<string>();
  const told = (words: string) => {
    setOutcome(words);
    onChange();
  };
  if (messages.length === 0 && outcome === undefined) return null;
  return (
    <section aria-labelledby="messages">
      <h2 id="messages">Messages that could not be sent</h2>
      <div role="status">{outcome && <p>{outcome}</p>}</div>
      {messages.map((message) => (
        <Message key={message.id} message={message} onTold={told} />
      ))}
    </section>
  );
}

function Message({ message, onTold }: { message: StuckMessage; onTold: (outcome: string) => void }) {
  const [asking, setAsking] = useState(false);
  const { id, subject, to, run, since, attempts, why, mayHandle } = message;
  const retry = () =>
    post('/messages/retry', { id }).then(
      () => onTold(`“${subject}” is being sent again.`),
      (error: unknown) => onTold(`“${subject}” was not sent again: ${messageOf(error)}`),
    );
  const setAside = async (comment: string) => {
    await post('/messages/set-aside', { id, comment });
    setAsking(false);
    onTold(`“${subject}” is set aside.`);
  };
  return (
    <article className="sheet parked-group">
      <h3>
        {run === undefined ? subject : <Link to={pathOf.run(run)}>{subject}</Link>}{' '}
        <span className="quiet">
          to {to}, <Time at={since} />
        </span>
      </h3>
      <p className="reason">{why}</p>
      <p className="quiet">
        {attempts === 1 ? 'Tried once.' : `Tried ${attempts} times.`} It is tried again by itself.
      </p>
      {mayHandle && (
        <div className="buttons">
          <button type="button" className="primary small" onClick={retry}>
            Send now
          </button>
          <button type="button" className="small" onClick={() => setAsking(true)}>
            Set aside
          </button>
        </div>
      )}
      {asking && (
        <Confirm
          title="Set this message aside?"
          action="Set aside"
          comment={{
            label: 'Why',
            required: true,
            hint: 'It goes on record. Say how they were told instead.',
          }}
          onConfirm={setAside}
          onClose={() => setAsking(false)}
        >
          <p>
            Nobody sends “{subject}” to {to} any more.
          </p>
        </Confirm>
      )}
    </article>
  );
}
