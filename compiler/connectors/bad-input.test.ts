/** What authors of connectors get wrong: one diagnostic each, under the very words that are wrong. */
import { describe, expect, it } from '@jest/globals';
import { compileConnectorPart, exampleConnector } from './testing.ts';

const head = (effect: string) => `action: things.example\ntitle: Example\neffect: ${effect}\n`;
const reads = (rest: string) => head('read') + rest;
const writes = (rest: string) => head('write') + rest;
const look = 'look:\n  get: /things/1\n  take: answer.body\n  type: thing\n';
const listed = (more: string) =>
  reads(`look:\n  list: { get: /things, query: { q: a }, items: answer.body.things, type: thing${more} }\n`);

function told(part: string) {
  const text = part.split('---\n').at(-1) ?? part;
  return compileConnectorPart(part).diagnostics.map(({ code, line, column, range }) => {
    const start =
      text
        .split('\n')
        .slice(0, line - 1)
        .join('\n').length +
      (line > 1 ? 1 : 0) +
      column -
      1;
    return [code, text.slice(start, start + range.end - range.start)];
  });
}

describe('One diagnostic, under the words that are wrong, is what comes of', () => {
  it.each([
    [
      'a path that the contract lacks',
      reads('look:\n  get: /thingz/1\n  take: answer.body\n  type: thing\n'),
      'CS2010',
      '/thingz/1',
    ],
    [
      'a method that the contract lacks',
      writes(`${look}already: found.done\nchange:\n  patch: /things/1\n  body: { done: true }\n`),
      'CS2011',
      'patch',
    ],
    [
      'a parameter that the contract lacks',
      listed(', pages: { next: link header }').replace('q: a', 'q: a, qq: b'),
      'CS2012',
      'qq',
    ],
    [
      'a field of the body that the contract lacks',
      writes(`${look}already: found.done\nchange:\n  put: /things/1\n  body: { dne: true }\n`),
      'CS2014',
      'dne',
    ],
    [
      'a field that is not in the answer',
      reads(`${look}give:\n  name: { value: found.naem, description: Its name. }\n`),
      'CS1305',
      'naem',
    ],
    [
      'a field that the contract does not give the answer',
      reads('look:\n  get: /things/1\n  take: answer.body.nam\n  type: string\n'),
      'CS1305',
      'nam',
    ],
    [
      'a look with effects',
      reads('look:\n  post: /things\n  take: answer.body\n  type: thing\n'),
      'CS2005',
      'post',
    ],
    [
      'a secret setting in a request',
      writes(
        `${look}already: found.done\nchange:\n  put: /things/1\n  body: { name: "\${{ settings.token }}" }\n`,
      ),
      'CS1305',
      'token',
    ],
    [
      'a sealed input in an address',
      `${writes('input: { code: { type: string, sensitive: true } }\n')}look: { get: "/things/\${{ input.code }}", type: thing }\nalready: found.done\nchange: { put: /things/1, body: { done: true } }\n`,
      'CS1311',
      'input.code',
    ],
    ['a list that could be cut short', listed(', pages: { number: page }'), 'CS2045', '{ number: page }'],
    ['a condition on items where there is no list', reads(`${look}  holds: item.done\n`), 'CS2034', 'holds'],
    [
      'a slip of quoting',
      reads(`${look}give:\n  note: { value: default(found.note, ""), description: A note. }\n`),
      'CS2037',
      'default(found.note',
    ],
  ])('%s', (_what, part, code, words) => {
    expect(told(part)).toEqual([[code, words]]);
  });

  it('a secret in the address of all', () => {
    const part = exampleConnector.replace(
      'https://things.example.com',
      '"https://${{ settings.token }}.example.com"',
    );
    expect(told(part)).toMatchObject([['CS1311', 'settings.token']]);
  });
});
