import { describe, expect, it } from '@jest/globals';
import { compile } from './compile.ts';
import { compilePart, problemsOf, testCatalogue } from './testing.ts';

const signoff = (...lines: string[]) =>
  `steps:\n  - approve:\n${lines.map((line) => `      ${line}\n`).join('')}`;
const optional = 'inputs: { who: { type: string, optional: true } }\n';

/** `CODE` or `CODE [suggestion]`, without what is only said of the example itself. */
function told(part: string): string[] {
  return compilePart(part)
    .diagnostics.filter(({ code }) => code !== 'CS1605')
    .map(({ code, suggestion }) => (suggestion === undefined ? code : `${code} [${suggestion}]`));
}

describe('what would be sent literally', () => {
  it('is refused when it is an expression with single braces, wherever it stands', () => {
    const inputs = 'inputs: { who: { type: string } }\n';
    const get = (user: string) => `${inputs}steps:\n  - uses: entra.getUser\n    with: { user: ${user} }\n`;
    expect(told(get(`"\${inputs.who}"`))).toEqual([`CS1019 [\${{ inputs.who }}]`]);
    expect(told(get(`"Dear \${ inputs.who }!"`))).toEqual([`CS1019 [\${{ inputs.who }}]`]);
    expect(told(`${inputs}steps:\n  - if: \${inputs.who == "a"}\n    end: { status: succeeded }\n`)).toEqual([
      `CS1019 [\${{ inputs.who == "a" }}]`,
    ]);
  });

  it('is refused of an item and of a name under `let`, where a field of it is meant', () => {
    const loop = (user: string) =>
      `inputs: { people: { type: array, items: { type: object, properties: { mail: { type: string } }, required: [mail] } } }
steps:
  - forEach: inputs.people
    as: person
    steps:
      - uses: entra.getUser
        with: { user: "${user}" }
`;
    expect(told(loop(`\${person.mail}`))).toEqual([`CS1019 [\${{ person.mail }}]`]);
    // A shell has variables of that name.
    expect(told(loop(`\${person}`))).toEqual([]);
    expect(told(loop(`\${somebody.mail}`))).toEqual([]);
  });

  it('is refused in plain text, where no expression is computed at all', () => {
    const inputs = 'inputs: { who: { type: string } }\n';
    for (const braces of [`\${inputs.who}`, `\${{ inputs.who }}`])
      expect(told(`${inputs}title: Access of ${braces}\n`)).toEqual(['CS1508']);
  });

  it('is left alone where other programs write it, and where it is escaped', () => {
    const text = (value: string) => `steps:\n  - uses: entra.getUser\n    with: { user: '${value}' }\n`;
    for (const value of [`\${HOME}`, `\${inputsDir}`, `$\${inputs.who}`, `\${run}`])
      expect(told(text(value))).toEqual([]);
  });
});

describe('a text', () => {
  it('that a comment cuts is pointed out', () => {
    expect(told('title: Order laptop #2 for Ann\n')).toEqual(['CS1020 ["Order laptop #2 for Ann"]']);
    expect(told('steps:\n  - uses: entra.getUser\n    with:\n      user: room #12\n')).toEqual([
      'CS1020 ["room #12"]',
    ]);
  });

  it('with a comment behind it is not, nor one in quotes', () => {
    expect(told('title: Order a laptop # for a new hire\n')).toEqual([]);
    expect(told('title: "Order laptop #2"\n')).toEqual([]);
    expect(told('title: Order laptop#2\n')).toEqual([]);
  });
});

describe('a text between brackets', () => {
  it('that a comment cuts with the brackets is suggested without them', () => {
    const suggestions = (part: string) => compilePart(part).diagnostics.map(({ suggestion }) => suggestion);
    expect(suggestions('steps:\n  - uses: entra.getUser\n    with: { user: room #12 }\n')).toContain(
      '"room #12"',
    );
    expect(suggestions('title: Order [x] #2 [spare]\n')).toContain('"Order [x] #2 [spare]"');
  });
});

describe('a repetition', () => {
  it('whose rounds are further apart than its time is refused', () => {
    const repeat = (every: string, atMost: string) =>
      told(
        `steps:\n  - repeat: { until: "true", every: ${every}, atMost: ${atMost} }\n    steps:\n      - uses: entra.getUser\n        with: { user: a }\n`,
      );
    expect(repeat('2h', '1h')).toEqual(['CS1716']);
    expect(repeat('5m', '1h')).toEqual([]);
    expect(repeat('2h', '3')).toEqual([]);
  });
});

describe('a constant moment to wait for', () => {
  const wait = (until: string) => told(`steps:\n  - wait: { until: "${until}" }\n`);

  it('is refused when no run could read it', () => {
    expect(wait('31.12.2026')).toEqual(['CS1510 [2026-12-31]']);
    expect(wait('2026-12-31 17:00')).toEqual(['CS1510 [2026-12-31T17:00]']);
    expect(wait('31.12.2026 9:00')).toEqual(['CS1510 [2026-12-31T09:00]']);
    expect(wait('2026-02-30')).toEqual(['CS1510']);
    expect(wait('tomorrow')).toEqual(['CS1510']);
    expect(wait('2026-12-31 17:00:00')).toEqual(['CS1510 [2026-12-31T17:00:00]']);
    expect(wait('2026-12-31T17:00[Europe/Lissabon]')).toEqual(['CS1510']);
  });

  it('is refused in an expression that is the same for every run', () => {
    expect(wait(`\${{ '31.12.2026' }}`)).toEqual(['CS1510 [2026-12-31]']);
    expect(wait(`\${{ '2026-12-31' }}`)).toEqual([]);
  });

  it('is refused where no value of its expressions makes one of it', () => {
    const until = (text: string) =>
      told(`inputs: { day: { type: string } }\nsteps:\n  - wait: { until: "${text}" }\n`);
    expect(until(`\${{ inputs.day }} 17:00`)).toEqual([`CS1510 [\${{ inputs.day }}T17:00]`]);
    expect(until(`31.12.\${{ inputs.day }}`)).toEqual(['CS1510']);
    for (const text of [
      `\${{ inputs.day }}`,
      `\${{ inputs.day }}T17:00`,
      `\${{ inputs.day }}T17:00[Europe/Lisbon]`,
      `2026-12-31T\${{ inputs.day }}`,
      `\${{ inputs.day }}-12-31`,
    ])
      expect(until(text)).toEqual([]);
  });

  it('is taken in every form that a run reads', () => {
    for (const until of ['2026-12-31', '2026-12-31T17:00', '2026-12-31T17:00:00+01:00', '2026-12-31T17:00Z'])
      expect(wait(until)).toEqual([]);
    expect(wait('2026-12-31T17:00[Europe/Lisbon]')).toEqual([]);
  });
});

describe('an approval', () => {
  it('that more must sign than a role has people is refused', () => {
    expect(told(signoff('from: [role:security]', 'quorum: 2'))).toEqual(['CS1702']);
    expect(told(signoff('from: [role:security, s.berg@example.com]', 'quorum: 2'))).toEqual(['CS1702']);
    expect(told(signoff('from: [role:security, role:it-director]', 'quorum: 3'))).toEqual([]);
    expect(told(signoff('from: [role:it-director]', 'quorum: 2'))).toEqual([]);
  });

  it('of whom everybody is left out is refused', () => {
    expect(told(signoff('from: [role:security]', 'except: [role:security]'))).toEqual(['CS1702']);
    const [problem] = problemsOf(signoff('from: [a@example.com]', 'except: [A@example.com]'));
    expect(problem).toContain('nobody can sign');
    expect(
      told(signoff('from: [role:security, s.berg@example.com]', 'except: [s.berg@example.com]')),
    ).toEqual(told(signoff('from: [role:security]', 'except: [s.berg@example.com]')));
    expect(told(signoff('from: [role:it-director]', 'except: [role:security]'))).toEqual([]);
  });

  it('is not judged where a group of Entra decides who is asked', () => {
    const configuration =
      'roles:\n  it-coordinators: { people: [c.kim@example.com] }\n  board: { entraGroup: Board }\n';
    expect(problemsOf(signoff('from: [role:board]', 'quorum: 2'), { configuration })).toEqual([]);
  });

  it('whose reminder would come too late is refused', () => {
    for (const [within, remind] of [
      ['1d', '2d'],
      ['1d', '1d'],
      ['2 business days', '2 business days'],
      ['1d', '2 business days'],
    ])
      expect(told(signoff('from: [role:security]', `within: ${within}`, `remind: ${remind}`))).toEqual([
        'CS1714',
      ]);
    for (const [within, remind] of [
      ['2d', '1d'],
      ['2 business days', '1 business day'],
      ['2 business days', '1d'],
      ['5d', '2 business days'],
    ])
      expect(told(signoff('from: [role:security]', `within: ${within}`, `remind: ${remind}`))).toEqual([]);
  });

  it('with a bare number as its time is told the length that was most likely meant', () => {
    for (const within of ['48', '"48"'])
      expect(told(signoff('from: [role:security]', `within: ${within}`))).toEqual(['CS1501 [48h]']);
  });

  it('is not the only thing with a time: each key is told the unit that is usual for it, and only what it takes', () => {
    const step = (lines: string) =>
      problemsOf(`steps:\n  - uses: entra.getUser\n    with: { user: a }\n    ${lines}\n`);
    for (const [lines, better] of [
      ['timeout: 30', '30s'],
      ['timeout: "30"', '30s'],
      ['retry: { attempts: 3, first: 5 }', '5s'],
    ])
      expect(step(lines ?? '')[0]).toMatch(new RegExp(`CS1501 (?!.*business).*\\[${better}\\]$`));
    expect(told('steps:\n  - wait: { for: 10 }\n')).toEqual(['CS1501 [10m]']);
    expect(
      told(
        'steps:\n  - repeat: { until: "true", every: 5, atMost: 2h }\n    steps:\n      - wait: { for: 1m }\n',
      ),
    ).toContain('CS1501 [5m]');
  });

  it('is not told to write what it says already', () => {
    for (const within of ['0h', '4000d'])
      expect(told(signoff('from: [role:security]', `within: ${within}`))).toEqual(['CS1501']);
  });

  it('may have an expression as its time, of which one is told where it can give none', () => {
    const inputs = 'inputs: { length: { type: string }, days: { type: integer } }\n';
    const within = (text: string) => told(inputs + signoff('from: [role:security]', `within: "${text}"`));
    expect(within('${{ inputs.length }}')).toEqual([]);
    expect(within('${{ inputs.days }} business days')).toEqual([]);
    expect(within('${{ inputs.days }} days')).toEqual(['CS1511']);
  });

  it('from a person who may be absent is not advised to ask nobody', () => {
    const [problem] = problemsOf(optional + signoff(`from: ["\${{ inputs.who }}"]`));
    expect(problem).toContain('inputs.who.orValue("role:it-managers")');
    const configuration =
      'roles: { it-coordinators: { people: [a@example.com] }, leads: { people: [b@example.com] } }\n';
    const [other] = problemsOf(optional + signoff(`from: ["\${{ inputs.who }}"]`), { configuration });
    expect(other).toContain('inputs.who.orValue("role:leads")');
    for (const nobody of [
      `inputs.who.orValue('')`,
      `default(inputs.who, '')`,
      `has(inputs.who) ? inputs.who : ''`,
    ])
      expect(told(optional + signoff(`from: ["\${{ ${nobody} }}"]`))).toEqual(['CS1715']);
    expect(
      told(`${optional}steps:\n  - task: { to: "\${{ inputs.who.orValue('') }}", instructions: Do it. }\n`),
    ).toEqual(['CS1715']);
    expect(told(optional + signoff(`from: ["\${{ inputs.who.orValue('role:security') }}"]`))).toEqual([]);
  });
});

describe('somebody who may not sign', () => {
  it('may be nobody', () => {
    const except = (who: string) =>
      problemsOf(optional + signoff('from: [role:it-director]', `except: ["\${{ ${who} }}"]`));
    expect(except('inputs.who')[0]).toContain('`inputs.who.orValue("")`');
    expect(except("inputs.who.orValue('')")).toEqual([]);
  });
});

describe('a suggestion', () => {
  const action = (uses: string) => told(`steps:\n  - uses: ${uses}\n    with: { user: a@example.com }\n`);

  it('never turns what reads into what changes', () => {
    expect(action('entra.getUsr')).toEqual(['CS1401 [entra.getUser]']);
    expect(action('entra.readUser')).not.toContain('CS1401 [entra.createUser]');
    expect(action('entra.checkUser')).not.toContain('CS1401 [entra.createUser]');
    expect(action('entra.listGroupMember')).not.toContain('CS1401 [entra.addGroupMember]');
    expect(action('entra.reateUser')).toEqual(['CS1401 [entra.createUser]']);
    expect(action('entra.removeUser')).toEqual(['CS1401 [entra.deleteUser]']);
    expect(action('entra.removeGroupMember')).not.toContain('CS1401 [entra.addGroupMember]');
    expect(action('entra.deletUser')).toEqual(['CS1401 [entra.deleteUser]']);
  });
});

describe('a name', () => {
  it('that no expression could say is refused for an input', () => {
    for (const name of ['"null"', '"true"', 'in']) {
      const { diagnostics } = compilePart(`inputs: { ${name}: { type: string } }\n`);
      // Nor is it told to be used.
      expect(diagnostics.map(({ code }) => code)).toEqual(['CS1203']);
    }
  });

  it('that is refused is told once, however often the step or the input is used', () => {
    const step = (head: string) => `steps:\n${head}\n    with: { user: a@example.com }\n`;
    const uses = (id: string) =>
      `  - uses: entra.getUser\n    with: { user: "\${{ steps.${id}.output.id }}" }\n`.repeat(3);
    for (const id of ['loop', 'GetUser'])
      expect(told(step(`  - id: ${id}\n    uses: entra.getUser`) + uses(id))).toHaveLength(1);
    const { diagnostics } = compilePart(
      `inputs: { start-date: { type: string } }\nsteps:\n${'  - uses: entra.getUser\n    with: { user: "${{ inputs.startDate }}" }\n'.repeat(3)}`,
    );
    expect(diagnostics.map(({ code, suggestion }) => [code, suggestion])).toEqual([['CS1202', 'startDate']]);
  });

  it('of a step that does nothing known is not told to come later', () => {
    const uses = '  - uses: entra.getUser\n    with: { user: "${{ steps.look.output.id }}" }\n';
    const lines = '  - id: look\n    use: entra.getUser\n    with: { user: a@example.com }\n';
    expect(told(`steps:\n${lines}${uses.repeat(2)}`)).toEqual(['CS1109 [uses]']);
  });

  it('under `let` is told once what is wrong with it, however often it is used', () => {
    const uses = '  - uses: entra.getUser\n    with: { user: "${{ who }}" }\n'.repeat(12);
    for (const [expression, code] of [
      ['inputs.who + "@example.com"', 'CS1308'],
      ['nobody + "@example.com"', 'CS1304'],
      ['"[1"" + 1', 'CS1303'],
      ['inputs.who +', 'CS1303'],
    ])
      expect(told(`${optional}let:\n  who: '${expression}'\nsteps:\n${uses}`)).toEqual([code]);
  });

  it('under `let` is told where it is used when it is wrong only there', () => {
    const step = '  - id: look\n    uses: entra.getUser\n    with: { user: a@example.com }\n';
    const use = '  - uses: entra.getUser\n    with: { user: "${{ who }}" }\n';
    const lets = 'let:\n  who: steps.look.output.id\nsteps:\n';
    expect(told(lets + use + step)).toEqual(['CS1205']);
    expect(told(lets + step + use)).toEqual([]);
    const maybe = step.replace('    uses', '    if: inputs.go\n    uses');
    const inputs = 'inputs: { go: { type: boolean } }\n';
    expect(told(`${inputs}${lets.replace('output.id', 'output.id + ""')}${maybe}${use}`)).toEqual(['CS1308']);
  });
});

describe('a ticket system', () => {
  it('that cannot be read yet is refused, in a trigger and in the configuration', () => {
    const on = 'on:\n  - ticket: { system: remedy, to: Approved }\n';
    expect(told(on)).toEqual(['CS1104']);
    const configuration = { path: 'countersign.yaml', text: 'tickets: { remedy: {} }\n' };
    const { diagnostics } = compile({ files: [], configuration, catalogue: testCatalogue });
    expect(diagnostics.map(({ message }) => message).join()).toContain('`jira`');
    for (const section of ['database', 'notifications']) {
      const text = `${section}: {}\n`;
      const found = compile({
        files: [],
        configuration: { ...configuration, text },
        catalogue: testCatalogue,
      });
      expect(found.diagnostics).toHaveLength(1);
    }
  });
});

describe('an absence', () => {
  const codes = (absences: string) =>
    compile({
      files: [],
      configuration: {
        path: 'countersign.yaml',
        text: `roles:\n  board:\n    people: [A.Lee@example.com, b.ray@example.com]\n    ${absences}\n`,
      },
      catalogue: testCatalogue,
    }).diagnostics.map(({ code, suggestion }) =>
      suggestion === undefined ? code : `${code} [${suggestion}]`,
    );

  it('that ends before it begins is refused', () => {
    const days = (from: string, to: string) =>
      codes(`absences: [{ person: a.lee@example.com, from: ${from}, to: ${to} }]`);
    expect(days('2026-12-31', '2026-12-01')).toEqual(['CS1931']);
    expect(days('2026-12-31', '2026-12-31')).toEqual([]);
  });

  it('of somebody whom the role does not have is refused, and so is such a delegate', () => {
    const away = (person: string) =>
      codes(`absences: [{ person: ${person}, from: 2026-12-01, to: 2026-12-02 }]`);
    expect(away('b.rey@example.com')).toEqual(['CS1930 [b.ray@example.com]']);
    expect(codes('delegates: { x.long@example.org: b.ray@example.com }')).toEqual(['CS1930']);
    expect(codes('delegates: { a.lee@example.com: x.long@example.org }')).toEqual([]);
    expect(codes('entraGroup: Board\n    delegates: { x.long@example.org: b.ray@example.com }')).toEqual([]);
  });
});
