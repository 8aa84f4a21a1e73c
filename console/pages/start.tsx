/** Starts a run: the form is the runbook's inputs. */

import { type FormEvent, useMemo, useState } from 'react';
import { defined } from '../../plan/defined.ts';
import { runName } from '../../plan/run-name.ts';
import { ticketSystemNames } from '../../plan/ticket-systems.ts';
import { ApiError, messageOf, post } from '../api/client.ts';
import type { JsonObject, RunbookDetail, RunDetail } from '../api/types.ts';
import { FailedPage, Loading, Notice, PageTitle } from '../components/basics.tsx';
import { Fields } from '../components/fields.tsx';
import { useLoaded } from '../components/loading.ts';
import { type FieldValues, fieldProblems, fieldsOf, needsLook, valuesOf } from '../lib/form.ts';
import { enumerated, fieldWords, isSealed, systemWords, webAddress } from '../lib/words.ts';
import { Link, navigate, pathOf, useAddress } from '../router.tsx';

export function StartPage({ name }: { name: string }) {
  const { data, error, loading, reload } = useLoaded<RunbookDetail>(`/runbooks/${encodeURIComponent(name)}`);
  const again = useAddress().query.get('again') ?? undefined;
  const earlier = useLoaded<RunDetail>(again && `/runs/${encodeURIComponent(again)}`);
  if (loading || earlier.loading) return <Loading what="the runbook" />;
  if (!data) return <FailedPage error={error} again={reload} />;
  return (
    <div className="page narrow">
      <PageTitle>{`Start ${data.title}`}</PageTitle>
      <p className="crumbs">
        <Link to="/runbooks">Runbooks</Link> / <Link to={pathOf.runbook(name)}>{data.title}</Link>
      </p>
      <h1>Start {data.title}</h1>
      {data.description && <p className="lead">{data.description}</p>}
      {data.mayStart ? (
        <>
          {again !== undefined && <Again runbook={data} run={earlier.data} />}
          <StartForm runbook={data} earlier={earlier.data} />
        </>
      ) : (
        <Notice title="You may not start this runbook by hand.">
          <p>
            Its tickets or its schedule start it, or other people may.{' '}
            <Link to={pathOf.runbook(name)}>The procedure</Link> says who.
          </p>
        </Notice>
      )}
    </div>
  );
}

/** Says of which run the form is filled in, and what of it cannot be. */
function Again({ runbook, run }: { runbook: RunbookDetail; run: RunDetail | undefined }) {
  if (!run?.inputs)
    return (
      <Notice title="What that run was started with is not there any more.">
        <p>Fill the form in as for a new one.</p>
      </Notice>
    );
  const { inputs } = run;
  const sealed = Object.keys(runbook.inputs).filter((name) => isSealed(inputs[name]));
  const gone = Object.keys(inputs).filter((name) => !(name in runbook.inputs));
  return (
    <Notice title="Filled in as it was the last time.">
      <p>
        From <Link to={pathOf.run(run.id)}>{runName(run)}</Link>, by {run.requester}. Look at each before you
        start.
        {sealed.length > 0 && ` What is sealed is left out: ${enumerated(sealed.map(fieldWords))}.`}
        {gone.length > 0 &&
          ` The runbook takes ${enumerated(gone.map(fieldWords))} no more, so that is left out too.`}
      </p>
    </Notice>
  );
}

interface Ticket {
  system: string;
  key: string;
  url: string;
}

function StartForm({ runbook, earlier }: { runbook: RunbookDetail; earlier: RunDetail | undefined }) {
  const fields = useMemo(() => fieldsOf(runbook.inputs, openInputs(earlier)), [runbook, earlier]);
  const [typed, setTyped] = useState<FieldValues>({});
  const [ticket, setTicket] = useState<Ticket>(() => ({
    system: earlier?.ticket?.system ?? ticketSystemOf(runbook),
    key: earlier?.ticket?.key ?? '',
    url: webAddress(earlier?.ticket?.url) ?? '',
  }));
  const [problems, setProblems] = useState<Record<string, string>>({});
  const [problem, setProblem] = useState<string>();
  const [sending, setSending] = useState(false);

  const refuse = (byField: Record<string, string>, rest?: string) => {
    setProblems(byField);
    setProblem(rest || undefined);
    const first = [...fields.map(({ name }) => name), 'ticketKey'].find((name) => byField[name]);
    if (first) document.querySelector<HTMLElement>(`[name="${first}"]`)?.focus();
  };
  const send = async (event: FormEvent) => {
    event.preventDefault();
    if (sending) return;
    const { values, problems: wrong } = valuesOf(fields, typed);
    if (runbook.needsTicket && !ticket.key.trim())
      wrong.ticketKey = 'Please give the ticket’s key, such as HR-101.';
    // What is missing is for the gateway to say, but not before the ticket and what cannot be sent at all.
    if (Object.keys(wrong).length > 0) return refuse(wrong);
    setSending(true);
    refuse({});
    try {
      const { id } = await post<{ id: string }>('/runs', {
        runbook: runbook.runbook,
        inputs: values,
        ...defined({ ticket: ticket.key.trim() ? ticketOf(ticket) : undefined }),
      });
      navigate(pathOf.run(id));
    } catch (error) {
      setSending(false);
      if (!(error instanceof ApiError && error.status === 422)) return refuse({}, messageOf(error));
      const { byField, rest } = fieldProblems(error.message, Object.keys(runbook.inputs));
      refuse(byField, rest);
    }
  };
  const look = needsLook(fields, problems);
  return (
    <form onSubmit={send} noValidate className="sheet">
      {runbook.needsTicket && (
        <TicketFields ticket={ticket} onType={setTicket} problem={problems.ticketKey} />
      )}
      <Fields
        fields={fields}
        typed={typed}
        problems={problems}
        onType={(name, value) => setTyped((before) => ({ ...before, [name]: value }))}
      />
      {fields.length === 0 && <p>This runbook needs nothing to be filled in.</p>}
      <div role="alert">
        {(problem ?? look) && (
          <p className="problem">
            <Problem text={problem ?? `Nothing was started yet: ${look}`} />
          </p>
        )}
      </div>
      <div className="buttons">
        <button type="submit" className="primary" aria-busy={sending}>
          {sending ? 'Starting …' : 'Start the run'}
        </button>
        <Link to={pathOf.runbook(runbook.runbook)} className="button">
          Back
        </Link>
      </div>
    </form>
  );
}

/** A run that is live for the same is led to, instead of named by its id. */
function Problem({ text }: { text: string }) {
  const run = /^A run for the same is live already: (\S+)\.$/.exec(text)?.[1];
  if (run === undefined) return text;
  return (
    <>
      A run for the same is live already. <Link to={pathOf.run(run)}>See it</Link>
    </>
  );
}

function openInputs(run: RunDetail | undefined): JsonObject {
  return Object.fromEntries(Object.entries(run?.inputs ?? {}).filter(([, value]) => !isSealed(value)));
}

function ticketSystemOf({ triggers }: RunbookDetail): string {
  return triggers.find(({ type }) => type === 'ticket')?.system ?? 'jira';
}

function ticketOf({ system, key, url }: Ticket) {
  return { system: system.trim(), key: key.trim(), ...defined({ url: url.trim() || undefined }) };
}

interface TicketFieldsProps {
  ticket: Ticket;
  onType: (ticket: Ticket) => void;
  problem: string | undefined;
}

function TicketFields({ ticket, onType, problem }: TicketFieldsProps) {
  return (
    <fieldset className="group">
      <legend>The ticket it is about</legend>
      <div className="side-by-side">
        <div className="field">
          <label htmlFor="ticket-key">Key</label>
          <input
            id="ticket-key"
            name="ticketKey"
            autoComplete="off"
            value={ticket.key}
            aria-required
            aria-invalid={problem !== undefined}
            aria-describedby="ticket-key-note"
            onChange={({ target }) => onType({ ...ticket, key: target.value })}
          />
          <p id="ticket-key-note" className={problem ? 'problem' : 'hint'}>
            {problem ?? 'Such as HR-101.'}
          </p>
        </div>
        <div className="field">
          <label htmlFor="ticket-system">System</label>
          <select
            id="ticket-system"
            name="ticketSystem"
            value={ticket.system}
            onChange={({ target }) => onType({ ...ticket, system: target.value })}
          >
            {[...new Set([...ticketSystemNames, ticket.system])].map((system) => (
              <option key={system} value={system}>
                {systemWords(system)}
              </option>
            ))}
          </select>
        </div>
      </div>
      <div className="field">
        <label htmlFor="ticket-url">
          Its address <span className="optional">optional</span>
        </label>
        <input
          id="ticket-url"
          name="ticketUrl"
          type="url"
          autoComplete="off"
          value={ticket.url}
          onChange={({ target }) => onType({ ...ticket, url: target.value })}
        />
      </div>
    </fieldset>
  );
}
