import { describe, expect, it } from '@jest/globals';
import { catalogueOf } from '../../plan/catalogue.ts';
import { compile } from '../compile.ts';
import { completeExample } from '../diagnostics/registry.ts';
import { renderText } from '../diagnostics/render-text.ts';
import { compileConnectors } from './compile-connectors.ts';
import { compileConnectorPart, exampleConnector, exampleContract } from './testing.ts';

const finish = (more = '') =>
  `effect: write\nlook:\n  get: /things/1\nalready: default(found.done, false)\nchange:\n  put: /things/1\n  body: { done: true${more} }\ngive: { did: finished }\n`;

function planOf(part: string, step = 'uses: things.example') {
  const { connectors, diagnostics } = compileConnectorPart(part);
  expect(diagnostics).toEqual([]);
  const catalogue = catalogueOf(connectors.flatMap(({ descriptions }) => descriptions));
  const text = completeExample(`steps:\n  - id: finish\n    ${step}\n`);
  const { plans, diagnostics: wrong } = compile({ files: [{ path: 'x.yaml', text }], catalogue });
  expect(wrong).toEqual([]);
  return plans[0];
}

describe('A plan that uses a declared action', () => {
  it('is bound to what the action was when it was compiled', () => {
    const plan = planOf(finish());
    expect(Object.keys(plan?.declared ?? {})).toEqual(['things.example']);
    expect(planOf(finish())?.hash).toBe(plan?.hash);
    expect(planOf(`# Only a comment.\n\n${finish()}`)?.hash).toBe(plan?.hash);
    expect(planOf(finish(', name: other'))?.hash).not.toBe(plan?.hash);
  });

  it('has the effect that the action has, and attempts for its wait', () => {
    const [step] = planOf(`${finish()}wait: { every: 10m, atMost: 2h }\n`)?.steps ?? [];
    expect(step).toMatchObject({ kind: 'action', effect: 'write', retry: { attempts: 6 + 12 } });
  });
});

describe('What is wrong in an action', () => {
  const told = (part: string) => {
    const { diagnostics } = compileConnectorPart(part);
    return diagnostics.map(({ code, line, suggestion }) => ({
      code,
      line,
      ...(suggestion ? { suggestion } : {}),
    }));
  };

  it('is told at its place, with what was meant', () => {
    const { diagnostics } = compileConnectorPart(
      'look:\n  get: /things/1\n  type: thing\ngive:\n  n: { value: found.naem, description: Its name. }\n',
    );
    const [first] = diagnostics;
    expect(first?.suggestion).toBe('name');
    expect(renderText(diagnostics, { sources: new Map(), colour: false })).toContain(
      'example.action.yaml:8:21',
    );
  });

  it('is told once of a slip of quoting', () => {
    expect(
      told(
        'look:\n  get: /things/1\n  type: thing\ngive:\n  n: { value: default(found.note, ""), description: A note. }\n',
      ),
    ).toEqual([{ code: 'CS2037', line: 8 }]);
  });

  it('is a name that the order has not reached', () => {
    expect(told(finish().replace('done: true', 'done: true, name: "${{ made.name }}"'))).toMatchObject([
      { code: 'CS1304' },
    ]);
  });

  it('is an `already` that looks at nothing', () => {
    expect(
      told(
        'effect: write\nlook: { get: /things/1, type: thing }\nalready: "false"\nchange: { put: /things/1, body: { done: true } }\n',
      ),
    ).toMatchObject([{ code: 'CS2043' }]);
  });

  it('is a secret anywhere but where requests are signed in', () => {
    const part = 'effect: write\ninput: { code: { type: string, sensitive: true } }\n';
    expect(
      told(
        `${part}look: { get: "/things/\${{ input.code }}", type: thing }\nalready: found.done\nchange: { put: /things/1, body: { done: true } }\n`,
      ),
    ).toMatchObject([{ code: 'CS1311' }]);
    expect(told(`${part}change: { put: /things/1, body: { name: "\${{ input.code }}" } }\n`)).toEqual([]);
    expect(told(finish().replace('done: true', 'name: "${{ settings.token }}"'))).toMatchObject([
      { code: 'CS1305' },
    ]);
  });
});

describe('How often the effect may happen', () => {
  const delivery = (part: string) => compileConnectorPart(part).connectors[0]?.actions[0]?.action.delivery;

  it('follows from what the action looks for', () => {
    expect(delivery(finish())).toBe('exactly once');
    const ring = 'effect: write\nchange:\n  post: /things\n  body: { name: "${{ key }}" }\n';
    expect(delivery(ring)).toBe('at most once');
    expect(delivery(`${ring}  again: It rings again.\n`)).toBe('at least once');
    expect(delivery(`${ring}mark: { by: service, lasts: 2h }\n`)).toBe('exactly once');
  });
});

describe('A connector of the repository that ships already', () => {
  const shipped = () => {
    const names = ['things.get', 'things.list'];
    const catalogue = catalogueOf(
      compileConnectorPart(looks('things.get')).connectors.flatMap(({ descriptions }) =>
        descriptions.flatMap((each) => names.map((name) => ({ ...each, name }))),
      ),
    );
    return { names, catalogue };
  };
  const looks = (name: string) =>
    `action: ${name}\ntitle: Get\neffect: read\nlook:\n  get: /others\n  reads: It does.\n  take: answer.status\n  type: integer\n`;
  const compiled = (names: string[]) =>
    compileConnectors({
      catalogue: shipped().catalogue,
      sources: [
        {
          name: 'things',
          folder: 'connectors/things',
          files: [
            { path: 'connectors/things/connector.yaml', text: exampleConnector },
            ...names.map((name) => ({ path: `connectors/things/${name}.action.yaml`, text: looks(name) })),
          ],
          read: () => exampleContract,
        },
      ],
    }).diagnostics.map(({ code, file, message }) => ({ code, file, message }));

  it('is one mistake, and not one of each action, with the way out', () => {
    const copied = compiled(shipped().names);
    expect(copied).toEqual([
      {
        code: 'CS2046',
        file: 'connectors/things/connector.yaml',
        message: expect.stringMatching(/2 of these actions: things\.get, things\.list\. Remove their files/),
      },
    ]);
  });

  it('may have actions of its own beside, and one of a name that is taken says so itself', () => {
    expect(compiled(['things.more'])).toEqual([]);
    expect(compiled(['things.more', 'things.get'])).toEqual([
      expect.objectContaining({ code: 'CS2026', file: 'connectors/things/things.get.action.yaml' }),
    ]);
  });
});
