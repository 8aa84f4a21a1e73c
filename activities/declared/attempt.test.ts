import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestService } from './testing.ts';

let service: TestService;
beforeAll(async () => {
  service = await TestService.start();
});
afterAll(() => service.close());

const thing = (more: object = {}) => ({ id: 1, name: 'a', done: false, ...more });
const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: Error & { nonRetryable?: boolean; nextRetryDelay?: number }) => error,
  );
const look = 'look:\n  get: /things/1\n  take: answer.body\n  type: thing\n';
const finish = `effect: write\n${look}already: found.done\nchange:\n  put: /things/1\n  body: { done: true }\ngive: { did: finished }\n`;
const writes = () => service.asked.filter(({ method }) => method !== 'GET');

describe('Whether this step did it', () => {
  it('is not claimed of what somebody else did between an attempt that was refused and the next', async () => {
    const attempts = service.attempts(finish);
    service.answers(({ method }) =>
      method === 'PUT' ? { status: 400, body: { message: 'No.' } } : { body: thing() },
    );
    expect(await failureOf(attempts.run({}))).toMatchObject({ nonRetryable: true });
    service.answers(() => ({ body: thing({ done: true }) }));
    expect(await attempts.run({})).toEqual({ finished: false });
  });

  it('is claimed when the answer to our request was a 5xx and it turns out to be done', async () => {
    const attempts = service.attempts(finish);
    let done = false;
    service.answers(({ method }) => {
      if (method !== 'PUT') return { body: thing({ done }) };
      done = true;
      return { status: 502, body: { message: 'Bad gateway' } };
    });
    expect(await failureOf(attempts.run({}))).toMatchObject({ nonRetryable: false });
    expect(await attempts.run({})).toEqual({ finished: true });
    expect(await attempts.run({}, 'another step')).toEqual({ finished: false });
  });

  it('stands when the answer says that it was carried out, and a check of it fails', async () => {
    const attempts = service.attempts(
      `${finish}confirm:\n  - { that: answer.body.ok, else: It was not taken. }\n`,
    );
    let done = false;
    service.answers(({ method }) => {
      done ||= method === 'PUT';
      return { body: method === 'PUT' ? { ok: false } : thing({ done }) };
    });
    expect((await failureOf(attempts.run({})))?.message).toBe('It was not taken.');
    expect(await attempts.run({})).toEqual({ finished: true });
  });
});

describe('A change without a look or a mark', () => {
  const ring = 'effect: write\nchange: { post: /bell }\ngive: { did: rung }\n';

  it('is sent once; without an answer the step parks, and a person who has it retried has settled it', async () => {
    const attempts = service.attempts(ring);
    service.answers(() => undefined);
    expect(await failureOf(attempts.run({}))).toMatchObject({
      nonRetryable: true,
      message: expect.stringMatching(/its outcome is unknown/),
    });
    service.answers(() => ({ status: 204 }));
    expect(await attempts.run({})).toEqual({ rung: true });
    expect(await attempts.run({})).toEqual({ rung: true });
    expect(writes()).toHaveLength(1);
  });

  it('is not sent again by the attempt after a worker that died with the request under way', async () => {
    const attempts = service.attempts(ring);
    service.answers(() => ({ status: 204 }));
    await attempts.run({});
    // As it is kept before the answer is known.
    for (const [key, value] of attempts.kept)
      if (key.endsWith('request')) attempts.kept.set(key, { ...(value as object), is: 'unknown' });
    service.answers(() => ({ status: 204 }));
    expect(await failureOf(attempts.run({}))).toMatchObject({ nonRetryable: true });
    expect(writes()).toEqual([]);
  });

  it('may be sent again when the service refused it', async () => {
    const attempts = service.attempts(ring);
    service.answers(() => ({ status: 429, headers: { 'ratelimit-reset': '3' }, body: {} }));
    expect(await failureOf(attempts.run({}))).toMatchObject({ nonRetryable: false, nextRetryDelay: 3_000 });
    service.answers(() => ({ status: 204 }));
    expect(await attempts.run({})).toEqual({ rung: true });
  });
});

describe('An answer that something changed meanwhile', () => {
  it('makes it look and decide anew, three times in an attempt', async () => {
    const attempts = service.attempts(`${finish}answers: [{ status: 409, means: conflict }]\n`);
    service.answers(({ method }) => (method === 'PUT' ? { status: 409, body: {} } : { body: thing() }));
    expect(await failureOf(attempts.run({}))).toMatchObject({ nonRetryable: false });
    expect(writes()).toHaveLength(3);
    let looks = 0;
    service.answers(({ method }) =>
      method === 'PUT' ? { status: 409, body: {} } : { body: thing({ done: ++looks > 1 }) },
    );
    // Another did it: our request was refused.
    expect(await attempts.run({}, 'other')).toEqual({ finished: false });
  });
});

describe('What does not fit', () => {
  it('is a failure that names file, line and field, and nothing that the service said', async () => {
    const attempts = service.attempts(
      `effect: read\n${look}give: { name: { value: found.name, description: Its name. } }\n`,
    );
    service.answers(() => ({ body: { id: 1, name: 7, done: 'secret-word' } }));
    const message = (await failureOf(attempts.run({})))?.message;
    expect(message).toContain('connectors/things/example.action.yaml:6: the answer is not of the form');
    expect(message).toContain('`name` must be text');
    expect(message).not.toContain('secret-word');
  });

  it('of a path leads nowhere else', async () => {
    const attempts = service.attempts(
      'effect: read\ninput: { id: { type: string } }\nlook: { get: "/things/${{ input.id }}", take: answer.body, type: thing }\ngive: { name: { value: found.name, description: Its name. } }\n',
    );
    service.answers(() => ({ body: thing() }));
    for (const id of ['..', '', 'a/b', '.'])
      expect(await failureOf(attempts.run({ id }))).toMatchObject({ nonRetryable: true });
    expect(service.asked).toEqual([]);
    await attempts.run({ id: 'a?b#c %2f' });
    expect(service.asked.map(({ path }) => path)).toEqual(['/things/a%3Fb%23c%20%252f']);
  });

  it('of a query language is its literal, and never a part of the query', async () => {
    const attempts = service.attempts(
      'effect: read\ninput: { name: { type: string } }\nlook:\n  list: { get: /things, query: { q: "name eq ${{ input.name }}" }, items: answer.body.things, type: thing }\ngive: { count: { value: size(found), description: How many. } }\n',
    );
    service.answers(() => ({ body: { things: [] } }));
    expect(await attempts.run({ name: "x' or 1 eq 1 or name eq 'y" })).toEqual({ count: 0 });
    expect(service.asked[0]?.query.get('q')).toBe("name eq 'x'' or 1 eq 1 or name eq ''y'");
  });
});

describe('A list', () => {
  const list = (more: string) =>
    `effect: read\nlook:\n  list:\n    get: /things\n    items: answer.body.things\n    type: thing\n${more}give: { count: { value: size(found), description: How many. } }\n`;

  it('is followed to its end, and never cut short', async () => {
    const attempts = service.attempts(list('    pages: { next: answer.body.?next }\n    most: 3\n'));
    const page = (next: number | undefined) => ({
      things: [thing({ id: next ?? 9 })],
      next: next === undefined ? null : `/things?page=${next}`,
    });
    service.answers(({ query }) => ({
      body: page(query.get('page') === '3' ? undefined : Number(query.get('page') ?? 1) + 1),
    }));
    expect(await attempts.run({})).toEqual({ count: 3 });
    service.answers(({ query }) => ({ body: page(Number(query.get('page') ?? 1) + 1) }));
    expect((await failureOf(attempts.run({})))?.message).toContain('has more than 3');
  });

  it('takes fewer at a time than it asked for, and fails where a service gives fewer than it says that there are', async () => {
    const attempts = service.attempts(
      list('    pages: { offset: from, size: { limit: 200 }, total: answer.body.total }\n'),
    );
    const all = [1, 2, 3].map((id) => thing({ id }));
    const from = (query: URLSearchParams) => Number(query.get('from'));
    service.answers(({ query }) => ({
      body: { total: 3, things: all.slice(from(query), from(query) + 2) },
    }));
    expect(await attempts.run({})).toEqual({ count: 3 });
    service.answers(({ query }) => ({ body: { total: 3, things: from(query) > 0 ? [] : all.slice(2) } }));
    expect(await failureOf(attempts.run({}))).toMatchObject({
      message: expect.stringContaining('A list cut short would be a wrong one.'),
    });
  });

  it('of which the service did not apply the condition is a failure that names the place, and no list', async () => {
    const attempts = service.attempts(list('  holds: item.done\n'));
    service.answers(() => ({ body: { things: [thing({ done: true }), thing()] } }));
    expect((await failureOf(attempts.run({})))?.message).toMatch(
      /connectors\/things\/example\.action\.yaml:\d+: .* did not apply the condition/,
    );
  });

  it('follows no page to another address, and none twice', async () => {
    const attempts = service.attempts(list('    pages: { next: answer.body.?next }\n'));
    service.answers(() => ({ body: { things: [], next: 'https://elsewhere.example.com/things' } }));
    expect((await failureOf(attempts.run({})))?.message).toContain('at another address');
    service.answers(() => ({ body: { things: [], next: '/things?page=2' } }));
    expect((await failureOf(attempts.run({})))?.message).toContain('the same page twice');
  });
});

describe('A wait', () => {
  const wait = `effect: write\n${look}already: found.done\nchange: { put: /things/1, body: { done: true } }\nwait: { get: /things/1, until: answer.body.done, every: 1h, atMost: 9h }\ngive: { did: finished }\n`;

  it('that is not over is no failure of the attempts before it, however many there were', async () => {
    const attempts = service.attempts(wait);
    service.answers(() => ({ body: thing() }));
    for (const attempt of [1, 2, 30]) {
      const failure = await failureOf(attempts.run({}, 'step', attempt));
      expect(failure).toMatchObject({ nonRetryable: false, nextRetryDelay: 3_600_000 });
    }
    service.answers(() => ({ body: thing({ done: true }) }));
    expect(await attempts.run({}, 'step', 31)).toEqual({ finished: true });
  });

  it('for the looks to show it asks for it once, however many attempts that takes', async () => {
    const attempts = service.attempts(`${finish}wait: { every: 2m, atMost: 1h }\n`);
    let done = false;
    let sent = 0;
    service.answers(({ method }) => {
      if (method === 'PUT') sent += 1;
      return { body: thing({ done }) };
    });
    for (const _ of [1, 2, 3])
      expect(await failureOf(attempts.run({}))).toMatchObject({
        nonRetryable: false,
        nextRetryDelay: 120_000,
      });
    done = true;
    expect(await attempts.run({})).toEqual({ finished: true });
    expect(sent).toBe(1);
  });

  it('has no more attempts than others for what fails before it', async () => {
    const attempts = service.attempts(wait);
    service.answers(() => ({ status: 503, body: { message: 'Away' } }));
    expect(await failureOf(attempts.run({}, 'step', 5))).toMatchObject({ nonRetryable: false });
    expect(await failureOf(attempts.run({}, 'step', 6))).toMatchObject({ nonRetryable: true });
  });
});
