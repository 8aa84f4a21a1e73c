/** Documents that somebody might feed the compiler by mistake or on purpose: real ones, mutated. */
import { randomOf } from '../random.ts';

/** What tends to upset a parser of YAML, of expressions, or of what they hold. */
const tokens = [
  ...[
    '${{',
    '}}',
    '${{ }}',
    '{{ inputs.a }}',
    '${{ inputs.',
    '${{ steps.x.output }}',
    "${{ '",
    '${{ a ? b : ',
  ],
  ...[
    '- ',
    '  - ',
    ': ',
    ' #',
    '\t',
    '\r\n',
    '\r',
    '\n\n',
    '---\n',
    '...\n',
    '? ',
    '|',
    '|+2\n',
    '>-\n',
    '%YAML 1.2\n',
  ],
  ...[
    '&a ',
    '*a',
    '<<: *a',
    '!!binary ',
    '!!js/function ',
    '!x ',
    '[',
    ']',
    '{',
    '}',
    '"',
    "'",
    '\\',
    '`',
    '@',
    ',',
  ],
  ...['\ufeff', '\u0000', '\u2028', '\u00a0', '\ud800', '日本語', 'مرحبا', '👩🏽‍💻', 'ǅ', 'e\u0301'],
  ...[
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'null',
    '~',
    'true',
    'yes',
    '.inf',
    '.nan',
    '-0',
    '1e999',
  ],
  ...[
    '9007199254740993',
    '0x1f',
    '2026-02-30',
    '2026-11-24T25:00',
    '12:30:45',
    '1_000',
    '-',
    '="',
    '$expr: a',
    '$sealed: b',
  ],
  ...[
    'steps:',
    'if: ',
    'uses: ',
    'with: ',
    'approve: ',
    'forEach: ',
    'repeat: ',
    'parallel: ',
    'else:',
    'end: ',
    'undo:',
  ],
  ...[
    'within: 0 business days',
    'within: 1e9d',
    'quorum: -1',
    'quorum: 1.5',
    'from: []',
    'as: inputs',
    'id: in',
  ],
];

const mutations = 12;

/** The document of a seed: always the same for the same corpus. */
export function documentOf(seed: number, corpus: readonly string[]): string {
  const random = randomOf(seed);
  const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(random() * list.length)];
  let text = pick(corpus) ?? '';
  for (let rounds = 1 + Math.floor(random() * 6); rounds > 0; rounds--)
    text = mutate(text, random, pick, corpus);
  return text;
}

function mutate(
  text: string,
  random: () => number,
  pick: <T>(list: readonly T[]) => T | undefined,
  corpus: readonly string[],
): string {
  const at = Math.floor(random() * (text.length + 1));
  const length = Math.floor(random() ** 2 * 40);
  const lines = text.split('\n');
  const line = Math.floor(random() * lines.length);
  switch (Math.floor(random() * mutations)) {
    case 0:
      return text.slice(0, at) + text.slice(at + length);
    case 1:
    case 2:
    case 3:
      return text.slice(0, at) + (pick(tokens) ?? '') + text.slice(at);
    case 4:
      return text.slice(0, at) + text.slice(at, at + length).repeat(2) + text.slice(at + length);
    case 5:
      lines.splice(line, 1);
      return lines.join('\n');
    case 6:
      lines.splice(line, 0, pick(lines) ?? '');
      return lines.join('\n');
    case 7:
      lines[line] = ' '.repeat(Math.floor(random() * 8)) + (lines[line] ?? '').trimStart();
      return lines.join('\n');
    case 8: {
      const other = pick(corpus) ?? '';
      const from = Math.floor(random() * other.length);
      return text.slice(0, at) + other.slice(from, from + length * 4) + text.slice(at);
    }
    case 9:
      return (lines[line] ?? '').length < 200
        ? text.replace(lines[line] ?? '', (all) => all.repeat(30))
        : text;
    case 10:
      return nested(random);
    default:
      return text.slice(0, at) + String.fromCharCode(Math.floor(random() * 0xd7ff)) + text.slice(at + 1);
  }
}

/** Deep nesting in one of its many guises. */
function nested(random: () => number): string {
  const depth = Math.floor(random() * 300);
  switch (Math.floor(random() * 5)) {
    case 0:
      return `steps: ${'['.repeat(depth)}${random() < 0.5 ? ']'.repeat(depth) : ''}`;
    case 1:
      return `runbook: deep\nsteps:\n  - if: ${'('.repeat(depth)}true${')'.repeat(depth)}\n    end: { status: succeeded }\n`;
    case 2:
      return `a: &a [x]\n${Array.from({ length: 30 }, (_, index) => `b${index}: &b${index} [${index === 0 ? '*a' : `*b${index - 1}`}, ${index === 0 ? '*a' : `*b${index - 1}`}]\n`).join('')}`;
    case 3:
      return `steps:\n${Array.from({ length: depth }, (_, index) => `${'  '.repeat(index + 1)}- steps:\n`).join('')}`;
    default:
      return `let:\n${Array.from({ length: 40 }, (_, index) => `  v${index}: v${index + 1} + v${index + 1}\n`).join('')}  v40: '"x"'\nsteps:\n  - if: v0 == ""\n    end: { status: succeeded }\n`;
  }
}
