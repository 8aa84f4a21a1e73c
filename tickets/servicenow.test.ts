import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import vm from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../plan/plan.ts';
import { packageRoot } from '../store/package-root.ts';
import { shippedSystem } from './testing.ts';
import { parseBody } from './ticket-system.ts';

const servicenow = shippedSystem('servicenow');

const moved: JsonObject = {
  event: 'update',
  table: 'change_request',
  sys_id: 'a1b2',
  number: 'CHG0030001',
  url: 'https://example.service-now.com/change_request.do?sys_id=a1b2',
  state: '-2',
  state_label: 'Scheduled',
  previous_state: '-3',
  previous_state_label: 'Authorize',
  sys_mod_count: 9,
  sys_updated_on: '2026-11-25 09:00:00',
  updated_by: { email: 'Morgan.Weiss@example.com', name: 'Morgan Weiss' },
  requester: { email: 'robin.sato@example.com', name: 'Robin Sato' },
  short_description: 'Open the order interface',
  changed: ['state', 'approval'],
  record: { category: 'Network', u_port: '8443' },
};

const item: JsonObject = {
  ...moved,
  table: 'sc_req_item',
  number: 'RITM0010001',
  state: 1,
  state_label: 'Open',
  record: { cat_item: { value: 'c1', display_value: 'Offboard a person' } },
  variables: { person: 'lou.maier@example.com' },
};

describe('What a ServiceNow delivery says', () => {
  it('is read whole: the table as type, the category as project, states by label and value', () => {
    expect(servicenow.read(moved)).toEqual({
      transition: {
        system: 'servicenow',
        key: 'a1b2:9',
        order: { number: 9 },
        project: 'Network',
        type: 'change_request',
        from: { label: 'Authorize', value: '-3' },
        to: { label: 'Scheduled', value: '-2' },
        ticket: {
          system: 'servicenow',
          key: 'CHG0030001',
          id: 'a1b2',
          url: 'https://example.service-now.com/change_request.do?sys_id=a1b2',
          summary: 'Open the order interface',
        },
        requester: { id: 'robin.sato@example.com', name: 'Robin Sato', roles: [] },
        by: { id: 'morgan.weiss@example.com', name: 'Morgan Weiss', roles: [] },
        changed: ['state', 'approval'],
        payload: expect.objectContaining({
          key: 'CHG0030001',
          sys_id: 'a1b2',
          table: 'change_request',
          state_label: 'Scheduled',
          fields: expect.objectContaining({ u_port: '8443', number: 'CHG0030001', state: '-2' }),
          variables: {},
        }),
      },
    });
  });

  it('has the catalogue item as project where something was ordered, and its variables', () => {
    expect(servicenow.read(item)).toMatchObject({
      transition: {
        project: 'Offboard a person',
        type: 'sc_req_item',
        to: { label: 'Open', value: '1' },
        payload: { variables: { person: 'lou.maier@example.com' } },
      },
    });
  });

  it('is a move from nowhere when the record is new', () => {
    const reading = servicenow.read({ ...moved, event: 'insert', previous_state: '', sys_mod_count: 0 });
    expect(reading).toMatchObject({ transition: { key: 'a1b2:0', to: { label: 'Scheduled' } } });
    expect('transition' in reading && reading.transition.from).toBeUndefined();
  });

  it('is an edit when the state stayed', () => {
    const edit = { ...moved, previous_state: '-2', changed: ['u_port', 'variables.last_day', 5, null] };
    expect(servicenow.read(edit)).toMatchObject({
      edit: { key: 'a1b2:9', changed: ['u_port', 'variables.last_day', '5'] },
    });
  });

  it('without the state before is a move only where it says that the state changed', () => {
    const { previous_state: _, previous_state_label: __, ...rest } = moved;
    expect(servicenow.read(rest)).toHaveProperty('transition');
    expect(servicenow.read({ ...rest, changed: ['u_port'] })).toHaveProperty('edit');
    expect(servicenow.read({ ...rest, changed: 'state' })).toHaveProperty('edit');
  });

  it('has nobody else ask than the record says, though somebody else moved it', () => {
    const reading = servicenow.read({ ...moved, requester: { name: 'Robin Sato' } });
    expect(reading).toMatchObject({ transition: { requester: { id: 'servicenow:Robin Sato' } } });
  });

  it('makes no link of what is no web address, and no person of what is no address', () => {
    const reading = servicenow.read({
      ...moved,
      url: 'javascript:alert(1)',
      updated_by: 'x',
      requester: null,
    });
    expect(reading).toMatchObject({
      transition: {
        ticket: { url: '' },
        by: { id: 'servicenow:unknown' },
        requester: { id: 'servicenow:unknown' },
      },
    });
  });

  it.each<[string, JsonObject, string]>([
    ['nothing', {}, 'it does not say what happened'],
    ['an answer of the Table API', { result: { number: 'CHG1' } }, 'an answer of the Table API'],
    ['another event', { ...moved, event: 'query' }, 'the event is query'],
    ['no number', { ...moved, number: null }, 'it came without number'],
    ['no count', { ...moved, sys_mod_count: {} }, 'it came without sys_mod_count'],
    ['no state', { ...moved, state: '' }, 'it came without state'],
  ])('with %s is not for us, saying why', (_, body, words) => {
    const reading = servicenow.read(body);
    expect('notForUs' in reading ? reading.notForUs : '').toContain(words);
  });
});

/** ServiceNow's objects, as far as the script uses them, over a record given as plain values. */
function element(
  value: string,
  more: { display?: string; changed?: boolean; table?: string; email?: string },
) {
  return {
    toString: () => value,
    nil: () => value === '',
    changes: () => more.changed ?? false,
    getDisplayValue: () => more.display ?? value,
    getReferenceTable: () => more.table ?? null,
    getED: () => ({ getInternalType: () => 'string' }),
    getRefRecord: () => ({
      isValidRecord: () => more.email !== undefined,
      getValue: () => more.email ?? null,
    }),
  };
}

type Element = ReturnType<typeof element>;

function glideRecord(table: string, elements: Record<string, Element>, more: object = {}) {
  const own = Object.create({
    operation: () => 'update',
    getTableName: () => table,
    getUniqueValue: () => 'a1b2',
    getLink: () => `${table}.do?sys_id=a1b2`,
    getElement: (name: string) => elements[name],
    getValue: (name: string) => (elements[name]?.nil() === false ? String(elements[name]) : null),
    isValidField: (name: string) => Object.hasOwn(elements, name),
    ...more,
  }) as object;
  return Object.assign(own, elements);
}

function sent(current: object, previous: object, secret: string) {
  const request = { body: '', headers: {} as Record<string, string>, endpoint: '' };
  const properties: Record<string, string> = {
    'countersign.url': 'https://countersign.example.com/hooks/servicenow',
    'countersign.secret': secret,
    'glide.servlet.uri': 'https://example.service-now.com/',
  };
  const script = readFileSync(join(packageRoot(), 'docs', 'servicenow', 'business-rule.js'), 'utf8');
  vm.runInNewContext(script, {
    current,
    previous,
    gs: {
      getProperty: (name: string) => properties[name],
      getUser: () => ({ getEmail: () => 'morgan.weiss@example.com' }),
      getUserDisplayName: () => 'Morgan Weiß',
    },
    GlideDateTime: class {
      getNumericValue() {
        return Date.now();
      }
    },
    GlideStringUtil: { base64Encode: (text: string) => Buffer.from(text).toString('base64') },
    CertificateEncryption: class {
      generateMac(key: string, _algorithm: string, data: string) {
        return createHmac('sha256', Buffer.from(key, 'base64')).update(data).digest('base64');
      }
    },
    sn_ws: {
      RESTMessageV2: class {
        setEndpoint(endpoint: string) {
          request.endpoint = endpoint;
        }
        setHttpMethod() {}
        setRequestHeader(name: string, value: string) {
          request.headers[name.toLowerCase()] = value;
        }
        setRequestBody(body: string) {
          request.body = body;
        }
        executeAsync() {}
      },
    },
  });
  return request;
}

describe('The business rule that we publish', () => {
  const state = (value: string, display: string, changed: boolean) => element(value, { display, changed });
  const base = {
    number: element('RITM0010001', {}),
    sys_mod_count: element('3', {}),
    sys_updated_on: element('2026-11-25 09:00:00', {}),
    short_description: element('Offboard Zoë – “soon”', { changed: true }),
    cat_item: element('c1', { display: 'Offboard a person', table: 'sc_cat_item' }),
    requested_for: element('u1', {
      display: 'Sam Lindqvist',
      table: 'sys_user',
      email: 'sam.lindqvist@example.com',
    }),
    u_empty: element('', {}),
  };
  const variables = {
    person: element('lou.maier@example.com', {}),
    last_day: element('2026-12-31', { changed: true }),
  };
  const current = glideRecord(
    'sc_req_item',
    { ...base, state: state('2', 'Work in Progress', true) },
    { variables },
  );
  const previous = glideRecord('sc_req_item', { ...base, state: state('1', 'Open', false) });
  const secret = 'a sécret';

  it('sends what the gateway believes, whatever characters are in it', () => {
    const { body, headers, endpoint } = sent(current, previous, secret);
    expect(endpoint).toBe('https://countersign.example.com/hooks/servicenow');
    expect(body).toMatch(/^[\x20-\x7e]*$/);
    const delivery = {
      header: (name: string) => headers[name],
      body: Buffer.from(body),
      receivedAt: Date.now(),
    };
    expect(servicenow.doubt(delivery, secret)).toBeUndefined();
    expect(servicenow.doubt(delivery, 'another secret')).toContain('does not match');
    expect(servicenow.doubt({ ...delivery, receivedAt: Date.now() + 400_000 }, secret)).toContain(
      'minutes ago',
    );
  });

  it('sends what is read as the transition that it was', () => {
    const body = parseBody(sent(current, previous, secret).body) ?? {};
    expect(servicenow.read(body)).toMatchObject({
      transition: {
        key: 'a1b2:3',
        project: 'Offboard a person',
        type: 'sc_req_item',
        from: { label: 'Open', value: '1' },
        to: { label: 'Work in Progress', value: '2' },
        by: { id: 'morgan.weiss@example.com', name: 'Morgan Weiß' },
        requester: { id: 'sam.lindqvist@example.com', name: 'Sam Lindqvist' },
        changed: ['short_description', 'state', 'variables.last_day'],
        ticket: {
          summary: 'Offboard Zoë – “soon”',
          url: 'https://example.service-now.com/sc_req_item.do?sys_id=a1b2',
        },
        payload: {
          fields: { requested_for: { value: 'u1', email: 'sam.lindqvist@example.com' } },
          variables: { person: 'lou.maier@example.com', last_day: '2026-12-31' },
        },
      },
    });
    expect((body.record as JsonObject).u_empty).toBeUndefined();
  });

  it('sends what is read as a deletion when a record is deleted', () => {
    const gone = glideRecord(
      'sc_req_item',
      { ...base, state: state('2', 'Work in Progress', false) },
      { variables, operation: () => 'delete' },
    );
    const body = parseBody(sent(gone, previous, secret).body) ?? {};
    expect(body).not.toHaveProperty('previous_state');
    expect(servicenow.read(body)).toMatchObject({
      deletion: {
        key: 'a1b2:deleted',
        ticket: { key: 'RITM0010001', id: 'a1b2' },
        by: { id: 'morgan.weiss@example.com' },
        changed: [],
      },
    });
  });
});
