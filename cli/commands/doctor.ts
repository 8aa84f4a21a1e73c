/** Looks at everything that this installation depends on, and says of each part in one line what is so or what to mend. */
import { existsSync } from 'node:fs';
import colors from 'picocolors';
import { quietTemporalLog } from '../../processes/temporal-logging.ts';
import { askedBy, examine } from '../doctor/doctor.ts';
import type { Finding, State } from '../doctor/finding.ts';
import { Exit, exitCodes, usage } from '../exit.ts';
import { table } from '../text.ts';
import { type Options, text } from './options.ts';

export async function doctor(_args: string[], options: Options): Promise<void> {
  quietTemporalLog();
  const asked = askedBy(text(options, 'config'), text(options, 'data'));
  if (!existsSync(asked.path))
    throw usage(`There is no ${asked.path}. Say where it is (--config FILE), or make one: countersign init`);
  if (!options.json && process.stderr.isTTY) process.stderr.write('Looking at everything …\n');
  const { findings, configured } = await examine(asked);
  if (options.json) console.log(JSON.stringify({ findings }, null, 2));
  else console.log(doctorText(findings));
  const code = codeOf(findings, configured);
  if (code !== exitCodes.done) throw new Exit(code, '');
}

const marks: Record<State, string> = {
  ok: colors.green('ok'),
  problem: colors.red('problem'),
  away: colors.red('away'),
  unchecked: colors.yellow('–'),
};

function doctorText(findings: readonly Finding[]): string {
  const rows = findings.map(({ part, state, says }) => [marks[state], part, says]);
  const wrong = findings.filter(({ state }) => state === 'problem' || state === 'away').length;
  const end = wrong === 0 ? 'Nothing is wrong that can be seen from here.' : `${wrong} to mend.`;
  return `${table(rows)}\n\n${end}`;
}

/** What needs a change comes before what may be back in a minute. */
function codeOf(findings: readonly Finding[], configured: boolean): number {
  if (!configured) return exitCodes.usage;
  const has = (wanted: State) => findings.some(({ state }) => state === wanted);
  if (has('problem')) return exitCodes.problems;
  return has('away') ? exitCodes.unreachable : exitCodes.done;
}
