import { afterEach, describe, expect, it } from '@jest/globals';
import { logOf } from './log.ts';

afterEach(() => {
  delete process.env.COUNTERSIGN_LOG;
});

function lines(work: (log: ReturnType<typeof logOf>) => void): string[] {
  const written: string[] = [];
  work(logOf('worker', (line) => written.push(line)));
  return written;
}

describe('A line of the log', () => {
  it('is the words alone, unless it is asked for as JSON', () => {
    expect(lines((log) => log('Healthy again.', { run: 'r1' }))).toEqual(['Healthy again.']);
  });

  it('is one line of JSON with the run and the step that it is about', () => {
    process.env.COUNTERSIGN_LOG = 'json';
    const [said, named, plain] = lines((log) => {
      log('It failed:\nbadly', { run: 'r1', step: 'account' });
      log('Run 0190a1b2-0000-7000-8000-000000000000, step account: attempt 2 failed.');
      log('Healthy again.');
    }).map((line) => JSON.parse(line) as Record<string, string>);
    expect(said).toMatchObject({ part: 'worker', message: 'It failed:\nbadly', run: 'r1', step: 'account' });
    expect(named).toMatchObject({ run: '0190a1b2-0000-7000-8000-000000000000', step: 'account' });
    expect(Object.keys(plain ?? {})).toEqual(['at', 'part', 'message']);
  });

  it('has no third form', () => {
    process.env.COUNTERSIGN_LOG = 'xml';
    expect(() => logOf('worker')).toThrow('COUNTERSIGN_LOG is text or json');
  });
});
