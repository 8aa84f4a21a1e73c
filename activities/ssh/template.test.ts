import { execFileSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PermanentFailure } from '../kit/failures.ts';
import { quoted, Template } from './template.ts';

const filled = (run: string, values: Record<string, string | number | boolean>) =>
  new Template('test', run).filled(values);

const shells = ['sh', 'bash'];
const wordsIn = (shell: string, line: string) =>
  execFileSync(shell, ['-c', `for word in ${line}; do printf '%s\\0' "$word"; done`], { encoding: 'utf8' })
    .split('\0')
    .slice(0, -1);

describe('A value in a command', () => {
  it('stays one word, whatever is in it', () => {
    const nasty = [
      '; rm -rf /',
      '$(touch /tmp/owned)',
      '`id`',
      "'; id; '",
      '"; id; "',
      "\\'; id; '",
      '\\',
      "a\\'b",
      '${HOME}',
      '* ? [a-z]',
      '&& id',
      '| id',
      '> /etc/passwd',
      '!!',
      '~root',
      '#',
      'é 漢字 🙂',
      '',
    ];
    for (const shell of shells)
      for (const value of nasty) expect(wordsIn(shell, `a ${quoted(value)} b`)).toEqual(['a', value, 'b']);
  });

  it('stays one word for anything a person could send', () => {
    const texts = fc.array(fc.oneof(fc.constantFrom("'", '\\', '"', '$', '`', '(', ';', ' '), fc.string()));
    fc.assert(
      fc.property(texts, (parts) => {
        const value = parts.join('').replaceAll(/\p{Cc}|\p{Cs}/gu, '');
        expect(wordsIn('sh', quoted(value))).toEqual([value]);
      }),
      { numRuns: 50 },
    );
  });

  it('stands where its place is, also more than once, and beside other text', () => {
    expect(filled('systemctl --host={host} restart {name}; echo {name}', { host: 'a b', name: 'vpn' })).toBe(
      "systemctl --host='a b' restart 'vpn'; echo 'vpn'",
    );
    expect(filled('echo ${home} {n} {yes}', { n: 3, yes: true })).toBe("echo ${home} '3' 'true'");
    // A value is no template.
    expect(filled('echo {a} {b}', { a: '{b}', b: 'x' })).toBe("echo '{b}' 'x'");
  });

  it('cannot be an option of the program, unless the command allows it', () => {
    expect(() => filled('rm {file}', { file: '-rf' })).toThrow('begins with a hyphen');
    expect(() => filled('rm {a}{b}', { a: '', b: '-rf' })).toThrow('begins with a hyphen');
    expect(filled('rm -- {file}', { file: '-rf' })).toBe("rm -- '-rf'");
    // What another value holds, and what another command has, allows nothing.
    expect(() => filled('tail {label} {file}', { label: 'x -- y', file: '--follow' })).toThrow('a hyphen');
    expect(() => filled('rm -- {a}; rm {b}', { a: 'x', b: '-rf' })).toThrow('a hyphen');
    expect(filled('cut --fields={n}', { n: '-3' })).toBe("cut --fields='-3'");
  });

  it('is one line, since a line break ends a comment and much else', () => {
    for (const value of ['a\nid', 'a\rid', 'a\0id', 'a\u001bid'])
      expect(() => filled('echo {a}', { a: value })).toThrow('must be one line');
  });

  it('must be there, and have a place', () => {
    expect(() => filled('echo {a}', {})).toThrow('The command test needs `with.a`.');
    expect(() => filled('echo {a}', { a: '1', b: '2' })).toThrow('has no place for `with.b`. It has: a.');
    expect(() => filled('echo', { toString: '2' } as never)).toThrow('It has none.');
  });
});

describe('A command', () => {
  it('is refused where a value could not be kept one word', () => {
    for (const run of [
      "echo '{a}'",
      'echo "{a}"',
      'echo \\{a}',
      'echo `cat {a}`',
      'cat <<END\n{a}\nEND',
      "echo $'it\\'s {a}'",
      "id # it's\necho '{a}'",
      'echo "$(cat "{a}")"',
      'echo "${x:-"{a}"}"',
      'echo "\\"{a}"',
      'echo $(( {a} + 1 ))',
      '[[ {a} -eq 1 ]]',
      'eval {a}',
      'true; let x={a}',
    ])
      expect(() => new Template('test', run)).toThrow(PermanentFailure);
  });

  it('may quote whatever else it likes', () => {
    for (const run of [
      "echo 'it is' {a}",
      'echo "a \\" b" {a}',
      'test -e {a} || echo "no $HOME"',
      'echo $(basename {a})',
      "awk '{ print $1 }' {a}",
      'echo a\\\\ {a}',
    ])
      expect(new Template('test', run).names()).toEqual(['a']);
    for (const run of ["awk '{ print }'", 'echo `date` # now', 'echo "{}"'])
      expect(new Template('test', run).filled({})).toBe(run);
  });
});
