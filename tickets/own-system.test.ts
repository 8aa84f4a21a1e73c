import { afterAll, describe, expect, it } from '@jest/globals';
import { compile } from '../compiler/compile.ts';
import { compileConnectorPart } from '../compiler/connectors/testing.ts';
import { testCatalogue, testConfiguration } from '../compiler/testing.ts';
import { ticketSystem, useOwnTicketSystems } from './systems.ts';

const { connectors, diagnostics } = compileConnectorPart(`tickets: things
title: Things
signed:
  - { hmac: sha256, header: X-Things, encoding: hex, over: body }
body: { event: string, id: string, status: string?, version: integer }
all:
  key: \${{ string(body.version) }}
  ticket: { key: "\${{ body.id }}" }
  number: body.version
reads:
  - { when: body.event == "moved", as: transition, to: '\${{ default(body.?status, "") }}' }
  - { as: nothing, says: "the event is \${{ body.event }}" }
setup: { steps: ["Send it to \${{ url }}."] }
`);

const own = `runbook: of-things
title: Of things
kind: other
owner: role:it-coordinators
on:
  - ticket: { system: things, to: Asked }
unique: \${{ ticket.key }}
steps:
  - wait: { for: 1d }
`;

describe('A ticket system that a repository declares in one file', () => {
  afterAll(() => useOwnTicketSystems([]));

  it('is read, and is none before', () => {
    expect(diagnostics).toEqual([]);
    expect(ticketSystem('things')).toBeUndefined();
    useOwnTicketSystems(connectors);
    const things = ticketSystem('things');
    expect(things?.read({ event: 'moved', id: 'T-1', status: 'Asked', version: 3 })).toMatchObject({
      transition: { key: 'T-1:3', order: { number: 3 }, to: { label: 'Asked' }, ticket: { key: 'T-1' } },
    });
    expect(things?.read({ event: 'seen', id: 'T-1', version: 3 })).toEqual({ notForUs: 'the event is seen' });
    expect(things?.read({ event: 'moved', id: 'T-1', version: 'x' })).toMatchObject({
      unfit: true,
      notForUs: expect.stringContaining('version must be integer'),
    });
  });

  it('may be named by triggers and by the configuration, and by none otherwise', () => {
    const options = {
      files: [{ path: 'a.yaml', text: own }],
      configuration: {
        path: 'countersign.yaml',
        text: testConfiguration.replace(
          /^ {2}jira: .*$/m,
          (line) => `${line}\n${line.replace('jira', 'things')}`,
        ),
      },
      catalogue: testCatalogue,
    };
    const about = (ticketSystems: string[]) =>
      compile({ ...options, ticketSystems }).diagnostics.filter(({ message }) => message.includes('things'));
    expect(about(['things'])).toEqual([]);
    expect(about([]).length).toBeGreaterThan(1);
  });
});
