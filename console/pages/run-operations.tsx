/** What an operator may tell the run as a whole. */

import { useMemo, useState } from 'react';
import { defined } from '../../plan/defined.ts';
import { ApiError, post } from '../api/client.ts';
import type { CommandReceipt, JsonObject, RunbookDetail, RunDetail } from '../api/types.ts';
import { Confirm, Refused } from '../components/dialog.tsx';
import { Fields } from '../components/fields.tsx';
import { useLoaded } from '../components/loading.ts';
import { isProposed, Receipt } from '../components/receipt.tsx';
import { changedValues, type FieldValues, fieldProblems, fieldsOf, needsLook } from '../lib/form.ts';

interface RunOperationsProps {
  run: RunDetail;
  /** By the journal: the status of a parked run does not say it. */
  paused: boolean;
  onTold: () => void;
}

type Operation = 'pause' | 'resume' | 'amend' | 'abort';

export function RunOperations({ run, paused, onTold }: RunOperationsProps) {
  const [asking, setAsking] = useState<Operation>();
  const [receipt, setReceipt] = useState<CommandReceipt>();
  const close = () => setAsking(undefined);
  if (!run.mayOperate || run.endedAt) return null;
  const tell = async (command: Operation, body: object) => {
    const answer = await post<CommandReceipt>(`/runs/${encodeURIComponent(run.id)}/${command}`, body);
    close();
    if (isProposed(answer)) setReceipt(answer);
    onTold();
  };
  const undoing = run.status === 'undoing';
  return (
    <>
      <div className="buttons">
        <button type="button" className="small" onClick={() => setAsking(paused ? 'resume' : 'pause')}>
          {paused ? 'Resume' : 'Pause'}
        </button>
        {run.live && Object.keys(run.live.inputs).length > 0 && (
          <button type="button" className="small" onClick={() => setAsking('amend')}>
            Change inputs
          </button>
        )}
        {!undoing && (
          <button type="button" className="danger-outline small" onClick={() => setAsking('abort')}>
            Abort
          </button>
        )}
      </div>
      {receipt && <Receipt receipt={receipt} onClose={() => setReceipt(undefined)} />}
      {asking === 'pause' && (
        <Confirm
          title="Pause this run?"
          action="Pause the run"
          comment={{ label: 'Comment' }}
          onConfirm={(comment) => tell('pause', comment ? { comment } : {})}
          onClose={close}
        >
          <p>What is under way is finished; no further step begins until somebody resumes the run.</p>
        </Confirm>
      )}
      {asking === 'resume' && (
        <Confirm
          title="Let this run go on?"
          action="Resume the run"
          comment={{ label: 'Comment' }}
          onConfirm={(comment) => tell('resume', comment ? { comment } : {})}
          onClose={close}
        >
          <p>It goes on with its next step at once.</p>
        </Confirm>
      )}
      {asking === 'abort' && (
        <Confirm
          title="Abort this run?"
          action="Abort and take back"
          danger
          comment={{
            label: 'Why?',
            required: true,
            hint: 'It becomes part of the evidence, and the requester reads it.',
          }}
          onConfirm={(comment) => tell('abort', { comment })}
          onClose={close}
        >
          <p>
            The run ends. Steps that were completed are taken back, the last one first, where they have a way
            back; those without one stay done.
          </p>
        </Confirm>
      )}
      {asking === 'amend' && run.live && (
        <Amend run={run} inputs={run.live.inputs} onTell={(body) => tell('amend', body)} onClose={close} />
      )}
    </>
  );
}

interface AmendProps {
  run: RunDetail;
  inputs: JsonObject;
  onTell: (body: object) => Promise<void>;
  onClose: () => void;
}

function Amend({ run, inputs, onTell, onClose }: AmendProps) {
  const { data: runbook, error } = useLoaded<RunbookDetail>(`/runbooks/${encodeURIComponent(run.runbook)}`);
  const fields = useMemo(() => (runbook ? fieldsOf(runbook.inputs, inputs) : []), [runbook, inputs]);
  const [typed, setTyped] = useState<FieldValues>({});
  const [problems, setProblems] = useState<Record<string, string>>({});
  const confirm = async (comment: string) => {
    const { values, problems: wrong } = changedValues(fields, typed);
    setProblems(wrong);
    const look = needsLook(fields, wrong);
    if (look) throw new Refused(look);
    if (Object.keys(values).length === 0) throw new Refused('Nothing is changed yet.');
    try {
      await onTell({ inputs: values, ...defined({ comment: comment || undefined }) });
    } catch (problem) {
      if (!(problem instanceof ApiError && problem.status === 422)) throw problem;
      const { byField, rest } = fieldProblems(problem.message, Object.keys(runbook?.inputs ?? {}));
      setProblems(byField);
      throw new Refused(rest || needsLook(fields, byField) || 'Some fields need another look.');
    }
  };
  return (
    <Confirm
      title="Change the inputs?"
      action="Change them"
      comment={{ label: 'Comment', hint: 'Why, for the record.' }}
      onConfirm={confirm}
      onClose={onClose}
    >
      <p>
        Steps already done stay as they are. What nobody has signed yet is in force at once, and votes on it
        are void: people are asked again. What was signed already is proposed to those who signed, and not in
        force before they sign it. Whoever changes inputs may not sign.
      </p>
      {error !== undefined && (
        <p className="problem">The runbook is not there any more, so its inputs cannot be changed here.</p>
      )}
      <Fields
        fields={fields}
        typed={typed}
        problems={problems}
        onType={(name, value) => setTyped((before) => ({ ...before, [name]: value }))}
      />
    </Confirm>
  );
}
