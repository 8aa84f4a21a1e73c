import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { calledBy, compileProject, readProject } from './project.ts';

const before = process.cwd();
let folder: string;

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'countersign-project-')));
  mkdirSync(join(folder, 'repository', '.git'), { recursive: true });
  mkdirSync(join(folder, 'repository', 'runbooks'));
  process.chdir(join(folder, 'repository'));
});

afterEach(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true, force: true });
});

const runbook = (name: string, steps: string) =>
  `runbook: ${name}\ntitle: Example\nkind: other\nowner: a.lee@example.com\nsteps:\n${steps}`;
const end = '  - end: { status: succeeded }\n';

function validated(path: string): string[] {
  const project = readProject([path], undefined);
  const called = calledBy(project.files);
  return compileProject({ ...project, called }).diagnostics.map(
    ({ file, code, suggestion }) => `${file} ${code}${suggestion === undefined ? '' : ` [${suggestion}]`}`,
  );
}

describe('one runbook that is checked', () => {
  it('may call others of the repository, which may call others, and is not told of their mistakes', () => {
    writeFileSync('runbooks/first.yaml', runbook('first', '  - runbook: second\n'));
    writeFileSync('runbooks/second.yaml', runbook('second', '  - { id: x, runbook: third }\n'));
    writeFileSync('runbooks/third.yaml', runbook('third', end));
    writeFileSync('runbooks/broken.yaml', runbook('broken', '  - nothing: here\n'));
    expect(validated('runbooks/first.yaml')).toEqual([]);
    writeFileSync('runbooks/third.yaml', runbook('third', '  - nothing: here\n'));
    expect(validated('runbooks/first.yaml')).toEqual(['runbooks/first.yaml CS1405']);
    writeFileSync('runbooks/first.yaml', runbook('first', '  - runbook: thirds\n'));
    expect(validated('runbooks/first.yaml')).toEqual(['runbooks/first.yaml CS1404 [third]']);
  });
});

describe('a link among the runbooks', () => {
  it('that leads out of the repository is refused, and nothing of what it leads to is shown', () => {
    writeFileSync(join(folder, 'outside.yaml'), 'password: hunter2\n');
    symlinkSync(join(folder, 'outside.yaml'), 'runbooks/linked.yaml');
    expect(() => readProject([], undefined)).toThrow('runbooks/linked.yaml is a link that leads out');
    expect(() => readProject(['runbooks/linked.yaml'], undefined)).toThrow('leads out of the repository');
    rmSync('runbooks/linked.yaml');
    symlinkSync(join(folder, 'outside.yaml'), 'countersign.yaml');
    expect(() => readProject([], undefined)).toThrow('countersign.yaml is a link that leads out');
  });

  it('that stays in the repository is followed', () => {
    writeFileSync('shared.yaml', runbook('shared', end));
    symlinkSync('../shared.yaml', 'runbooks/shared.yaml');
    expect(readProject([], undefined).files.map(({ path }) => path)).toEqual(['runbooks/shared.yaml']);
  });
});

describe('an .ics file that a configuration names', () => {
  it('is read only in its repository, whatever its path or a link says', () => {
    writeFileSync(join(folder, 'secret.txt'), 'password: hunter2\n');
    const calendar = (ics: string) =>
      writeFileSync('countersign.yaml', `calendars:\n  year-end: { timezone: Europe/Berlin, ics: ${ics} }\n`);
    const problems = () =>
      compileProject(readProject([], undefined)).diagnostics.map(({ message }) => message);
    calendar('../secret.txt');
    expect(problems().join()).toContain('is not in the repository');
    symlinkSync(join(folder, 'secret.txt'), 'linked.ics');
    calendar('linked.ics');
    expect(problems().join()).toContain('is not in the repository');
    expect(problems().join()).not.toContain('hunter2');
  });
});

describe('a data file that a runbook names', () => {
  it('is read only in its repository, whatever its path or a link says', () => {
    writeFileSync(join(folder, 'secret.csv'), 'name\nhunter2\n');
    mkdirSync('data');
    const problems = (file: string) => {
      const data = `data:\n  people: { file: ${file}, columns: { nam: string } }\n`;
      writeFileSync('runbooks/first.yaml', `${runbook('first', end)}${data}`);
      return compileProject(readProject([], undefined))
        .diagnostics.map(({ message }) => message)
        .join();
    };
    expect(problems('../secret.csv')).toContain('is not in the repository');
    symlinkSync(join(folder, 'secret.csv'), 'data/linked.csv');
    expect(problems('data/linked.csv')).toContain('is not in the repository');
    expect(problems('data/linked.csv')).not.toContain('hunter2');
    writeFileSync('data/own.csv', 'name\nhunter2\n');
    expect(problems('data/own.csv')).toContain('no column `nam`');
  });
});
