/** The record behind the journal, for an auditor: checked here on demand, or taken along and checked elsewhere. */

import { useState } from 'react';
import { shortRunId } from '../../plan/run-name.ts';
import { get, messageOf } from '../api/client.ts';
import type { Verdict } from '../api/types.ts';
import { Notice } from '../components/basics.tsx';

export function RunEvidence({ id }: { id: string }) {
  const [verdict, setVerdict] = useState<Verdict>();
  const [problem, setProblem] = useState<string>();
  const [checking, setChecking] = useState(false);
  const path = `/runs/${encodeURIComponent(id)}/audit`;
  const check = async () => {
    setChecking(true);
    setProblem(undefined);
    setVerdict(undefined);
    try {
      setVerdict(await get<Verdict>(`${path}/verify`));
    } catch (error) {
      setProblem(messageOf(error));
    } finally {
      setChecking(false);
    }
  };
  return (
    <section className="evidence" aria-labelledby="evidence">
      <h2 id="evidence">Evidence</h2>
      <p>Every entry is also put on a record whose parts hold each other, so that a later change shows.</p>
      <div className="buttons">
        <button type="button" className="small" aria-busy={checking} onClick={check}>
          {checking ? 'Checking …' : 'Check the record'}
        </button>
        <a
          className="button small"
          href={`/api/v1${path}/export`}
          download={`run-${shortRunId(id)}-evidence.json`}
        >
          Download it
        </a>
        <a
          className="button small"
          href={`/api/v1/runs/${encodeURIComponent(id)}/report.html`}
          target="_blank"
          rel="noreferrer"
        >
          Report to print
        </a>
        <a
          className="button small"
          href={`/api/v1/runs/${encodeURIComponent(id)}/report.pdf`}
          target="_blank"
          rel="noreferrer"
        >
          Report as PDF
        </a>
      </div>
      {problem && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
      {verdict && <Answer verdict={verdict} />}
    </section>
  );
}

function Answer({ verdict: { intact, records, head, findings, notComputed = [] } }: { verdict: Verdict }) {
  if (intact) {
    return (
      <Notice tone="good" title="The record is whole and agrees with the journal." live>
        <p>
          {records} parts
          {head && (
            <>
              , the last one with the hash <code>{head}</code>
            </>
          )}
          .
        </p>
        {notComputed.map(({ what, why, times }) => (
          <p key={what + why}>
            Not computed again: {what}
            {times > 1 && `, ${times} times`}: {why}.
          </p>
        ))}
      </Notice>
    );
  }
  return (
    <Notice tone="danger" title="The record does not hold." live>
      <ul>
        {findings.map(({ record, message }) => (
          <li key={`${record} ${message}`}>
            {record !== undefined && `Part ${record}: `}
            {message}
          </li>
        ))}
      </ul>
    </Notice>
  );
}
