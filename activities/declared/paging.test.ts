import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestService } from './testing.ts';

let service: TestService;
beforeAll(async () => {
  service = await TestService.start();
});
afterAll(() => service.close());

const listed = (pages: string) =>
  service.attempts(`effect: read
look:
  list:
    get: /things
    items: answer.body.items
    type: thing
    pages: ${pages}
give:
  ids: { value: "found.map(t, t.id)", description: All of them. }
`);
const thing = (id: number) => ({ id, name: `t${id}`, done: false });
const five = [1, 2, 3, 4, 5].map(thing);

/** Gives no more than `most` at a time, however many are asked for. */
function capped(parameter: string, most: number, more: (to: number) => object = () => ({})) {
  service.answers(({ query }) => {
    const from = Number(query.get(parameter) ?? 0);
    const items = five.slice(from, from + most);
    return { body: { items, ...more(from + items.length) } };
  });
}

describe('A service that gives fewer than it is asked for', () => {
  it('is asked on from what it gave, where it says which page is the last', async () => {
    const attempts = listed('{ offset: from, size: { limit: 100 }, last: answer.body.isLast == true }');
    capped('from', 2, (to) => ({ isLast: to >= five.length }));
    expect(await attempts.run({})).toEqual({ ids: [1, 2, 3, 4, 5] });
    expect(service.asked.map(({ query }) => query.get('from'))).toEqual(['0', '2', '4']);
  });

  it('is not believed when it says that there is more, and gives nothing', async () => {
    const attempts = listed('{ offset: from, size: { limit: 100 }, last: answer.body.isLast == true }');
    capped('from', 2, () => ({ isLast: false }));
    await expect(attempts.run({})).rejects.toThrow('says that there is more');
  });

  it('is a failure where nothing tells how its list ends, and never a list cut short', async () => {
    const attempts = listed('{ offset: from, size: { limit: 100 }, end: empty page }');
    capped('from', 2);
    await expect(attempts.run({})).rejects.toThrow('`total` or `last` under `pages`');
  });

  it('is asked for an empty page where it numbers them', async () => {
    const attempts = listed('{ number: page, first: 0, size: { limit: 100 }, end: empty page }');
    service.answers(({ query }) => {
      const page = Number(query.get('page'));
      return { body: { items: five.slice(page * 2, page * 2 + 2) } };
    });
    expect(await attempts.run({})).toEqual({ ids: [1, 2, 3, 4, 5] });
    expect(service.asked).toHaveLength(4);
  });
});

it('A short page of offsets is the end when nothing comes after it', async () => {
  const attempts = listed('{ offset: from, size: { limit: 100 }, end: empty page }');
  capped('from', 100);
  expect(await attempts.run({})).toEqual({ ids: [1, 2, 3, 4, 5] });
  expect(service.asked.map(({ query }) => query.get('from'))).toEqual(['0', '5']);
});

it('The next page is asked for with the size of a page, where links lead on', async () => {
  const attempts = listed('{ next: link header, size: { limit: 2 } }');
  service.answers(({ query }) => {
    const from = Number(query.get('from') ?? 0);
    const next = `${service.url}/things?limit=2&from=${from + 2}`;
    return {
      headers: { link: from + 2 < five.length ? `<${next}>; rel="next"` : '' },
      body: { items: five.slice(from, from + 2) },
    };
  });
  expect(await attempts.run({})).toEqual({ ids: [1, 2, 3, 4, 5] });
  expect(service.asked.every(({ query }) => query.get('limit') === '2')).toBe(true);
});
