import { describe, expect, it } from '@jest/globals';
import { planOf, testCatalogue } from '../compiler/testing.ts';
import { toHtml } from './html.ts';
import { toMarkdown } from './markdown.ts';
import { toMermaid } from './mermaid.ts';
import { procedureOf } from './procedure.ts';
import { toSvg } from './svg.ts';
import { widthOf, wrapped } from './text-width.ts';

const everyKind = `kind: maintenance
title: Everything <once>
description: One step of each kind.
on:
  - ticket: { system: jira, project: OPS, type: Patch, to: Approved }
    inputs: { host: "\${{ ticket.summary }}", big: true }
    cancel: { to: [Rejected], deleted: true }
  - manual: { by: [role:it-managers] }
  - schedule: { cron: 0 8 * * MON, timezone: Europe/Berlin }
    inputs: { host: web-1, big: false }
inputs:
  host: { type: string, description: The host's name }
  big: { type: boolean }
  people: { type: array, items: { type: string }, default: [] }
  size: { enum: [S, M], default: S }
steps:
  - id: find
    title: Find the owner
    uses: entra.getUser
    with: { user: "\${{ inputs.host + '@example.com' }}" }
  - id: signoff
    title: The board signs
    approve:
      from: [role:it-managers, "\${{ steps.find.output.userPrincipalName }}"]
      quorum: 2
      within: 2 business days
      remind: 1 business day
      escalate: role:it-director
      show: { hostName: "\${{ inputs.host }}" }
  - id: account
    title: Create the account
    uses: entra.createUser
    with: { userPrincipalName: a@example.com, displayName: "\${{ inputs.host }}", usageLocation: DE }
    undo:
      if: steps.account.output.id != ""
      uses: entra.deleteUser
      with: { user: "\${{ steps.account.output.id }}" }
  - if: inputs.big
    steps:
      - id: desk
        title: Place it
        task: { to: role:it-coordinators, instructions: "Place \${{ inputs.host }}.", form: { serialNumber: { type: string } }, within: 1 business day }
    else:
      - wait: { for: 90m }
  - parallel:
      mail:
        - uses: mail.send
          with: { to: a@example.com, subject: Hello, text: Hello }
          onError: continue
      rest:
        - wait: { event: order.shipped, key: A-1, within: 10d, onExpiry: continue }
  - forEach: inputs.people
    as: person
    concurrency: 5
    tolerate: 5%
    steps:
      - uses: entra.getUser
        with: { user: "\${{ person }}" }
  - window: { calendar: prod-maintenance, freeze: [year-end], needs: 90m, overrun: undo, steps: [{ wait: { for: 1m } }] }
  - repeat: { until: 'inputs.size == "S"', every: 1m, atMost: 10 }
    steps:
      - uses: entra.getUser
        with: { user: a@example.com }
  - runbook: other
  - if: 'steps.find.status == "succeeded"'
    end: { status: succeeded, reason: All done }
finally:
  - uses: mail.send
    with: { to: a@example.com, subject: Over, text: Over }
outputs:
  account: \${{ steps.account.output.id }}
`;

const plan = () => planOf(everyKind, ['runbook: other\nkind: other']);

describe('a runbook as a procedure', () => {
  it('says each kind of step in words', () => {
    expect(toMarkdown(procedureOf(plan(), testCatalogue))).toMatchSnapshot();
  });

  it('shows what an author wrote as it is, whatever is in it', () => {
    const page = toHtml('x', procedureOf(plan(), testCatalogue), toSvg(plan(), testCatalogue));
    expect(page).toContain('<h1>Everything &lt;once&gt;</h1>');
    expect(page).not.toContain('<once>');
    const markdown = toMarkdown(
      procedureOf(planOf('title: "*a* <b> `c` | d_e_"\ndescription: "1. x"'), testCatalogue),
    );
    expect(markdown).toContain('# \\*a\\* \\<b\\> \\`c\\` | d\\_e\\_\n');
    expect(markdown).toContain('\n1\\. x\n');
  });
});

describe('the flow as a picture', () => {
  it('is a Mermaid chart in which every step is reached', () => {
    const chart = toMermaid(plan(), testCatalogue);
    expect(chart).toMatchSnapshot();
    const nodes = [...chart.matchAll(/^\s+(s_\w+)(?:\[|\(|\{)/gm)].map(([, id]) => id);
    for (const id of nodes) expect(chart).toMatch(new RegExp(`(-->|\\|) ${id}$`, 'm'));
  });

  it('is an SVG with a title for those who cannot see it, and no text wider than its box', () => {
    const svg = toSvg(plan(), testCatalogue);
    expect(svg).toContain('<title id="flow-title">Everything &lt;once&gt;</title>');
    const long = wrapped('Zustimmungsverweigerungsbestätigung '.repeat(3) + '日本語'.repeat(20), 200, 13);
    for (const line of long) expect(widthOf(line, 13)).toBeLessThanOrEqual(200);
    expect(long.join('').replaceAll(' ', '')).toBe(
      'Zustimmungsverweigerungsbestätigung'.repeat(3) + '日本語'.repeat(20),
    );
  });
});

describe('a procedure in words', () => {
  const called =
    'runbook: welcome\nsteps:\n  - uses: entra.createUser\n    with: { userPrincipalName: a@example.com, displayName: A, usageLocation: DE }\n    undo: { uses: entra.deleteUser, with: { user: a@example.com } }\n';
  const textOf = (part: string, others: string[] = []) =>
    toMarkdown(procedureOf(planOf(part, others), testCatalogue));
  const approve = (from: string, quorum: string) =>
    textOf(
      `inputs: { manager: { type: string, optional: true }, urgent: { type: boolean } }\nsteps:\n  - approve: { from: [${from}], quorum: ${quorum} }\n`,
    );

  it('says that what a called runbook did is taken back as said there', () => {
    const words = textOf('steps:\n  - runbook: welcome\n', [called]);
    expect(words).toContain('When the run is called off: what `welcome` did is taken back as said there.');
    expect(words).not.toContain('Nothing of it');
    expect(textOf('steps:\n  - end: { status: succeeded }\n')).toContain(
      'Nothing of it can be taken back by itself.',
    );
  });

  it('says of all, and of a majority, what it is of', () => {
    const people = 'role:it-managers, role:it-director';
    expect(approve(people, 'all')).toContain(
      'Everybody of it-managers and everybody of it-director must all sign.',
    );
    expect(approve(people, 'majority')).toContain(
      'Everybody of it-managers and everybody of it-director are asked, and a majority must sign.',
    );
    expect(approve(people, '2')).toContain(
      'Somebody of it-managers or somebody of it-director must sign (2 signatures).',
    );
  });

  it('says who must sign without the language of expressions', () => {
    const from = (expression: string) => approve(`"\${{ ${expression} }}"`, '1');
    expect(from("inputs.manager.orValue('role:it-managers')")).toContain(
      '_The manager_ (or somebody of it-managers) must sign',
    );
    expect(from("default(inputs.manager, 'a@example.com')")).toContain(
      '_The manager_ (or a@example.com) must sign',
    );
    expect(from("inputs.urgent ? 'role:it-director' : 'role:it-managers'")).toContain(
      'omebody of it-director if `inputs.urgent`, otherwise somebody of it-managers must sign',
    );
  });
});
