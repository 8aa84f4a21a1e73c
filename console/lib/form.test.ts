import { describe, expect, it } from '@jest/globals';
import { changedValues, fieldProblems, fieldsOf, fieldsOfTask, parsedObject, valuesOf } from './form.ts';

const required = (schema: object) => ({ schema, required: true }) as never;

const inputs = {
  givenName: required({ type: 'string', minLength: 1, description: 'First name.' }),
  startDate: required({ type: 'string', format: 'date' }),
  at: required({ type: 'string', format: 'date-time' }),
  manager: required({ type: 'string', format: 'email' }),
  seats: required({ type: 'integer' }),
  remote: required({ type: 'boolean' }),
  size: required({ enum: ['s', 'm', 3] }),
  groups: {
    schema: { type: 'array', items: { enum: ['All Staff', 'VPN Users'] } },
    required: false,
    default: ['All Staff'],
  },
  hosts: { schema: { type: 'array', items: { type: 'string' } }, required: false },
  extra: { schema: { type: 'object' }, required: false },
  pin: { schema: { type: 'string' }, required: true, sensitive: true },
};

describe('A form made from JSON Schemas', () => {
  const fields = fieldsOf(inputs);
  const byName = new Map(fields.map((field) => [field.name, field]));

  it('asks what is true or false as something that is so, and not by the words true and false', () => {
    const described = (description: string) =>
      fieldsOf({ assigned: required({ type: 'boolean', description }) })[0]?.label;
    expect(described('True when this step assigned it, false when the person had it already.')).toBe(
      'This step assigned it',
    );
    expect(described('Its mail must be kept')).toBe('Its mail must be kept');
  });

  it('has for each input the control that fits its type', () => {
    expect(fields.map(({ type }) => type)).toEqual([
      'text',
      'date',
      'time',
      'email',
      'number',
      'flag',
      'choice',
      'choices',
      'lines',
      'json',
      'text',
    ]);
  });

  it('calls each by its description, or by its name in words', () => {
    expect(byName.get('givenName')?.label).toBe('First name');
    expect(byName.get('startDate')?.label).toBe('Start date');
  });

  it('starts with the defaults, and with a run’s own values before them, but never shows a sealed one', () => {
    expect(byName.get('groups')?.initial).toEqual(['All Staff']);
    const current = fieldsOf(inputs, { groups: [], givenName: 'Mia', pin: { $sealed: true } });
    expect(current.find(({ name }) => name === 'groups')?.initial).toEqual([]);
    expect(current.find(({ name }) => name === 'givenName')?.initial).toBe('Mia');
    expect(current.find(({ name }) => name === 'pin')?.initial).toBe('');
  });

  it('gives back typed JSON: numbers as numbers, choices as they stand in the schema, lists without empty lines', () => {
    const { values, problems } = valuesOf(fields, {
      givenName: ' Mia ',
      startDate: '2026-02-01',
      at: '2026-02-01T08:00',
      manager: 'dana@example.com',
      seats: '12',
      remote: true,
      size: '3',
      groups: ['VPN Users', 'All Staff'],
      hosts: 'one.example.com\n\n two.example.com ',
      extra: '{"a": 1}',
      pin: ' 12 ',
    });
    expect(problems).toEqual({});
    expect(values).toEqual({
      givenName: 'Mia',
      startDate: '2026-02-01',
      at: new Date('2026-02-01T08:00').toISOString(),
      manager: 'dana@example.com',
      seats: 12,
      remote: true,
      size: 3,
      groups: ['All Staff', 'VPN Users'],
      hosts: ['one.example.com', 'two.example.com'],
      extra: { a: 1 },
      pin: ' 12 ',
    });
  });

  it('leaves out what was left empty, so that the gateway names what is missing', () => {
    expect(Object.keys(valuesOf(fields, {}).values)).toEqual(['remote', 'groups', 'hosts']);
  });

  it('says at the field what cannot be sent at all', () => {
    const { problems } = valuesOf(fields, { seats: 'many', extra: '{a}' });
    expect(problems.seats).toBe('This must be a number.');
    expect(problems.extra).toMatch(/^This is not valid JSON: /);
  });

  it('sends of changed inputs only those that are different', () => {
    const current = fieldsOf(inputs, { givenName: 'Mia', seats: 3 });
    expect(changedValues(current, { givenName: 'Mia', seats: '4' }).values).toEqual({ seats: 4 });
  });

  it('of a task takes every field as needed, unless it says otherwise', () => {
    const form = { serial: { type: 'string' }, note: { type: 'string' } };
    expect(fieldsOfTask({ form }).map((field) => field.required)).toEqual([true, true]);
    expect(fieldsOfTask({ form, required: ['serial'] }).map((field) => field.required)).toEqual([
      true,
      false,
    ]);
    const sealed = fieldsOfTask({ form, sensitive: ['note'] });
    expect(sealed.map(({ sensitive }) => sensitive)).toEqual([false, true]);
  });
});

describe('The gateway’s sentences about fields', () => {
  const names = ['givenName', 'country', 'groups'];

  it('go to the fields they name', () => {
    const detail =
      'New hire onboarding: `givenName` is missing. `country` must match pattern "^[A-Z]{2}$", and is "Germany. `x` Y". `groups.0` must be one of "All Staff".';
    expect(fieldProblems(detail, names)).toEqual({
      byField: {
        givenName: 'Please fill this in.',
        country: 'This must match pattern "^[A-Z]{2}$", and is "Germany. `x` Y".',
        groups: 'This must be one of "All Staff".',
      },
      rest: '',
    });
  });

  it('go to the fields that they call by their labels beside their names', () => {
    const detail =
      'New hire: “Country: of work. Two letters” (`country`) is missing. “Groups” (`groups.0`) must be text.';
    expect(fieldProblems(detail, names)).toEqual({
      byField: { country: 'Please fill this in.', groups: 'This must be text.' },
      rest: '',
    });
  });

  it('stay whole when they name none', () => {
    const detail = 'New hire onboarding: This runbook works on a ticket.';
    expect(fieldProblems(detail, names)).toEqual({ byField: {}, rest: detail });
  });
});

describe('JSON that an operator types', () => {
  it('must be named values, and what is wrong is said in words', () => {
    expect(parsedObject('{"license": "SPE_E3"}')).toEqual({ license: 'SPE_E3' });
    expect(() => parsedObject('[1]')).toThrow('This must be named values in braces');
    expect(() => parsedObject('{')).toThrow('This is not valid JSON');
  });
});
