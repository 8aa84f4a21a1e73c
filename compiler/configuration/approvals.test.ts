import { describe, expect, it } from '@jest/globals';
import { compile } from '../compile.ts';
import { testCatalogue } from '../testing.ts';

function read(text: string) {
  const { configuration, diagnostics } = compile({
    files: [],
    configuration: { path: 'countersign.yaml', text },
    catalogue: testCatalogue,
  });
  return { configuration, problems: diagnostics.map(({ code, message }) => `${code} ${message}`) };
}

const roles = `roles:
  board: { people: [b@example.com], recordedBy: role:clerks }
  clerks: { people: [c@example.com] }
`;

describe('the approvals of the configuration', () => {
  it('name the last resort and the time for objections', () => {
    const { configuration, problems } = read(
      `${roles}approvals: { lastResort: role:board, objection: 2 business days }\n`,
    );
    expect(problems).toEqual([]);
    expect(configuration?.approvals).toEqual({ lastResort: 'role:board', objection: { businessDays: 2 } });
  });

  it('give a business day for objections, and nobody as last resort, where nothing is said', () => {
    expect(read(roles).configuration?.approvals).toEqual({ objection: { businessDays: 1 } });
  });

  it('refuse a last resort whom there is not, and a time that cannot be read', () => {
    expect(read(`${roles}approvals: { lastResort: role:bord, objection: soon }\n`).problems).toEqual([
      'CS1402 There is no role `bord` in `countersign.yaml`. It has `board` or `clerks`.',
      expect.stringMatching(/^CS150\d `objection`|^CS15\d\d /),
    ]);
    expect(read(`${roles}approvals: { lastResort: the boss }\n`).problems).toHaveLength(1);
  });
});

describe('a role whose votes others enter', () => {
  it('names them', () => {
    expect(read(roles).configuration?.roles.board?.recordedBy).toBe('role:clerks');
  });

  it('names another role that there is', () => {
    const codes = (recordedBy: string) =>
      read(roles.replace('role:clerks', recordedBy)).problems.map((text) => text.slice(0, 6));
    expect(codes('role:clercs')).toEqual(['CS1402']);
    expect(codes('role:board')).toEqual(['CS1961']);
    expect(codes('c@example.com')).toEqual(['CS1961']);
  });

  it('is still read the older way, with a word on what to write', () => {
    const { configuration, problems } = read(
      'roles:\n  clerks: { people: [c@example.com], records: true }\n',
    );
    expect(configuration?.roles.clerks?.records).toBe(true);
    expect(problems).toEqual([expect.stringContaining('write `recordedBy: role:clerks` on each role')]);
  });

  it('ask nobody who may only look', () => {
    const looking = `roles:\n  auditors: { people: [a@example.com], readOnly: true }\n`;
    expect(read(`${looking}approvals: { lastResort: role:auditors }\n`).problems).toEqual([
      expect.stringMatching(/^CS1963 `lastResort` names `role:auditors`, which is `readOnly`/),
    ]);
    const runbook = (owner: string, from: string, sees: string) => `runbook: rule
title: Rule
kind: change
owner: ${owner}
on: [{ manual: { by: [k@example.com] } }]
inputs: { pin: { type: string, sensitive: true, visibleTo: [${sees}] } }
steps:
  - { id: sign, approve: { from: [${from}], quorum: 1, show: { pin: "\${{ inputs.pin }}" } } }
  - { uses: entra.getUser, with: { user: a@example.com } }
`;
    const codes = (text: string) =>
      compile({
        files: [{ path: 'rule.yaml', text }],
        configuration: { path: 'countersign.yaml', text: looking },
        catalogue: testCatalogue,
      }).diagnostics.flatMap(({ code, message }) => (code === 'CS1963' ? [message.split(',')[0]] : []));
    expect(codes(runbook('role:auditors', 'A@example.com', 'role:auditors'))).toEqual([
      '`owner` names `role:auditors`',
      expect.stringContaining('names A@example.com'),
    ]);
    expect(codes(runbook('k@example.com', 'k@example.com', 'role:auditors'))).toEqual([]);
  });
});
