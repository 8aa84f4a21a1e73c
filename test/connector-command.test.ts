import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { compiledFolder } from '../activities/declared/repository.ts';
import { connector } from '../cli/commands/connector.ts';
import { packageRoot } from '../store/package-root.ts';

const lockers = join(packageRoot(), 'test/fixtures/connectors/lockers/lockers.openapi.json');
const printed: string[] = [];
let folder: string;
const before = process.cwd();

beforeEach(() => {
  printed.length = 0;
  jest.spyOn(console, 'log').mockImplementation((line) => void printed.push(String(line)));
  folder = mkdtempSync(join(tmpdir(), 'connector-'));
});
afterEach(() => {
  process.chdir(before);
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

describe('countersign connector', () => {
  it('plays the recorded exchanges of the connectors that ship', async () => {
    process.chdir(packageRoot());
    await connector(['test'], {});
    expect(printed.at(-1)).toMatch(/^[1-9]\d* passed, 0 failed$/);
  });

  it('drafts a connector from an OpenAPI document that compiles as it is', async () => {
    process.chdir(folder);
    writeFileSync('lockers.json', readFileSync(lockers));
    const operations = [
      'GET /lockers',
      'GET /lockers/{id}',
      'PATCH /lockers/{id}',
      'POST /lockers/{id}/parcels',
      'DELETE /parcels/{id}',
    ];
    await connector(['new', 'lockers'], { openapi: 'lockers.json', operations });
    const { connectors, diagnostics } = compiledFolder('connectors', new Map());
    expect(diagnostics.map(({ file, line, message }) => `${file}:${line} ${message}`)).toEqual([]);
    expect(
      connectors[0]?.actions.map(
        ({ action: { name, effect, delivery } }) => `${name}: ${effect}, ${delivery}`,
      ),
    ).toEqual([
      'lockers.deleteParcelsById: destructive, exactly once',
      'lockers.getLockersById: read, exactly once',
      'lockers.getLockers: read, exactly once',
      'lockers.patchLockersById: write, exactly once',
      'lockers.postLockersByIdParcels: write, exactly once',
    ]);
  });

  it('drafts types, a mark by the field that keeps the key, and the words of a refusal', async () => {
    process.chdir(folder);
    const thing = { $ref: '#/components/schemas/Permit' };
    const said = (schema: object) => ({ description: 'x', content: { 'application/json': { schema } } });
    writeFileSync(
      'parking.json',
      JSON.stringify({
        openapi: '3.0.3',
        info: { title: 'Parking', version: '1' },
        components: {
          schemas: {
            Permit: {
              type: 'object',
              required: ['id', 'plate'],
              properties: {
                id: { type: 'integer' },
                plate: { type: 'string' },
                until: { type: 'string', format: 'date', nullable: true },
                reference: { type: 'string' },
              },
            },
            Refusal: {
              type: 'object',
              properties: { error: { properties: { detail: { type: 'string' } } } },
            },
          },
        },
        paths: {
          '/permits': {
            get: {
              parameters: [{ name: 'reference', in: 'query', schema: { type: 'string' } }],
              responses: {
                200: said({ type: 'object', properties: { permits: { type: 'array', items: thing } } }),
              },
            },
            post: {
              operationId: 'givePermit',
              requestBody: said({
                type: 'object',
                required: ['plate'],
                properties: { plate: { type: 'string' }, reference: { type: 'string' } },
              }),
              responses: { 201: said(thing), 422: said({ $ref: '#/components/schemas/Refusal' }) },
            },
          },
          '/permits/{id}/renew': {
            post: {
              parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'integer' } }],
              responses: { 204: { description: 'done' } },
            },
          },
        },
      }),
    );
    const operations = ['givePermit', 'POST /permits/{id}/renew'];
    await connector(['new', 'parking'], { openapi: 'parking.json', operations });
    const { connectors, diagnostics } = compiledFolder('connectors', new Map());
    expect(diagnostics.map(({ file, line, message }) => `${file}:${line} ${message}`)).toEqual([]);
    expect(
      connectors[0]?.actions.map(({ action: { name, delivery, input } }) => [
        name,
        delivery,
        input.properties,
      ]),
    ).toMatchObject([
      ['parking.givePermit', 'exactly once', { plate: { type: 'string' } }],
      ['parking.postPermitsByIdRenew', 'at most once', { id: { type: 'integer' } }],
    ]);
    const main = readFileSync('connectors/parking/connector.yaml', 'utf8');
    expect(main).toContain('words: default(answer.body.?error.?detail, "")');
    expect(main).toContain(
      '  permit:\n    id: integer\n    plate: string\n    until: string?\n    reference: string?\n',
    );
  });

  it('drafts a change that gives the version back which it looked at, in the form of JSON that the service takes', async () => {
    process.chdir(folder);
    const badge = {
      type: 'object',
      required: ['state'],
      properties: {
        state: { type: 'string' },
        holder: { oneOf: [{ type: 'object', properties: { email: { type: 'string' } } }, { type: 'null' }] },
      },
    };
    const json = (type: string) => ({ content: { [type]: { schema: badge } } });
    const document = {
      openapi: '3.1.0',
      paths: {
        '/badges/{id}': {
          get: { responses: { 200: json('application/json') } },
          patch: {
            parameters: [{ name: 'If-Match', in: 'header', required: true, schema: { type: 'string' } }],
            requestBody: json('application/merge-patch+json'),
            responses: { 200: json('application/json') },
          },
        },
      },
    };
    writeFileSync('badges.json', JSON.stringify(document));
    const operations = ['GET /badges/{id}', 'PATCH /badges/{id}'];
    await connector(['new', 'badges'], { openapi: 'badges.json', operations });
    const { connectors, diagnostics } = compiledFolder('connectors', new Map());
    expect(diagnostics.map(({ file, line, message }) => `${file}:${line} ${message}`)).toEqual([]);
    const change = connectors[0]?.actions.find(({ action }) => action.change)?.action;
    expect(change).toMatchObject({
      change: {
        request: {
          headers: { 'Content-Type': 'application/merge-patch+json', 'If-Match': { $expr: 'found.etag' } },
        },
      },
      want: { fields: { state: { is: 'found.it.?state' } } },
      answers: [{ status: [412], means: 'conflict' }],
    });
    expect(readFileSync('connectors/badges/connector.yaml', 'utf8')).toContain('holder: object?');
  });

  it('drafts a mark by a field that is for references, and takes a place in the list for no input', async () => {
    process.chdir(folder);
    const badge = {
      type: 'object',
      required: ['id'],
      properties: { id: { type: 'string' }, clientRef: { type: 'string' } },
    };
    const said = (schema: object) => ({ description: 'x', content: { 'application/json': { schema } } });
    const query = (name: string, type: string) => ({ name, in: 'query', schema: { type } });
    const listed = { type: 'object', properties: { badges: { type: 'array', items: badge } } };
    const get = {
      operationId: 'listBadges',
      parameters: [query('person', 'string'), query('from', 'integer')],
      responses: { 200: said(listed) },
    };
    const sent = {
      type: 'object',
      properties: { person: { type: 'string' }, clientRef: { type: 'string' } },
    };
    const post = { operationId: 'printBadge', requestBody: said(sent), responses: { 201: said(badge) } };
    const document = {
      openapi: '3.0.3',
      info: { title: 'Badges', version: '1' },
      paths: { '/badges': { get, post } },
    };
    writeFileSync('badges.json', JSON.stringify(document));
    await connector(['new', 'badges'], { openapi: 'badges.json', operations: ['listBadges', 'printBadge'] });
    const { connectors } = compiledFolder('connectors', new Map());
    expect(
      connectors[0]?.actions.map(({ action: { delivery, input } }) => [
        delivery,
        Object.keys(input.properties ?? {}),
      ]),
    ).toEqual([
      ['exactly once', ['person']],
      ['exactly once', ['person']],
    ]);
  });

  it('drafts a connector from scripts that compiles as it is, and prints what the configuration must allow', async () => {
    process.chdir(folder);
    const scripts = ['Get-Reservation.ps1', 'Add-Reservation.ps1'];
    for (const name of scripts) cpSync(join(packageRoot(), 'test/fixtures/scripts/dhcp', name), name);
    await connector(['new', 'dhcp'], { scripts });
    const { connectors, diagnostics } = compiledFolder('connectors', new Map());
    expect(diagnostics.map(({ file, line, message }) => `${file}:${line} ${message}`)).toEqual([]);
    expect(
      connectors[0]?.actions.map(
        ({ action: { name, effect, delivery } }) => `${name}: ${effect}, ${delivery}`,
      ),
    ).toEqual(['dhcp.addReservation: write, at most once', 'dhcp.getReservation: read, exactly once']);
    printed.length = 0;
    await connector(['scripts', 'dhcp'], {});
    expect(printed.join('\n')).toMatch(
      /^connectors:\n {2}dhcp:\n {4}allow: # run by pwsh\n(?: {6}(?:Add|Get)-Reservation\.ps1: sha256:[0-9a-f]{64}\n?){2}$/m,
    );
  });

  it('says what was sent otherwise than it was recorded', async () => {
    process.chdir(folder);
    const source = join(packageRoot(), 'test/fixtures/connectors');
    cpSync(source, 'connectors', { recursive: true });
    mkdirSync('connectors/lockers/exchanges');
    writeFileSync(
      'connectors/lockers/exchanges/open.http',
      '# action: lockers.open\n# input: {"locker": "L-1"}\n# gives: {"opened": true}\n\nPOST /lockers/L-9/open\n\nHTTP/1.1 202 Accepted\n',
    );
    await expect(connector(['test', 'lockers'], {})).rejects.toThrow();
    expect(printed.join('\n')).toContain(
      'POST /lockers/L-1/open was sent, and POST /lockers/L-9/open was recorded.',
    );
  });
});
