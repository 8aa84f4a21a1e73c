import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import colors from 'picocolors';
import { defined } from '../../plan/defined.ts';
import { errorText } from '../../plan/error-text.ts';
import { startStack } from '../dev/stack.ts';
import { Exit, exitCodes, usage } from '../exit.ts';
import { type Options, text } from './options.ts';

export async function dev(_args: string[], options: Options): Promise<void> {
  const configuration = resolve(text(options, 'config') ?? 'countersign.yaml');
  const runbooks = resolve(text(options, 'runbooks') ?? 'runbooks');
  for (const path of [configuration, runbooks]) {
    if (!existsSync(path))
      throw usage(
        `${path} does not exist. Run this in a runbook repository, or say where: --config, --runbooks.`,
      );
  }
  const say = (part: string, line: string) => console.log(`${colors.dim(part.padEnd(9))} ${line}`);
  const stack = await startStack({
    dataFolder: text(options, 'data') ?? '.countersign',
    runbooks,
    configuration,
    live: options.live === true,
    ...defined({ port: text(options, 'port') ? Number(text(options, 'port')) : undefined }),
    log: say,
  }).catch((error: unknown) => {
    throw new Exit(exitCodes.unreachable, errorText(error));
  });
  console.log(`\nCountersign runs. Ctrl-C ends it; what runs were doing goes on at the next start.`);
  console.log(`  console   ${stack.addresses.gateway}`);
  console.log(`  temporal  ${stack.addresses.temporal}`);
  if (stack.addresses.sandbox)
    console.log(
      `  sandbox   ${stack.addresses.sandbox} (stand-ins: nothing outside this machine is touched)`,
    );
  console.log(
    '\nNext: open the console and sign in as somebody whom countersign.yaml names; the code stands here, too.\n',
  );
  await new Promise<void>((done) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => done());
  });
  console.log('Stopping …');
  await stack.stop();
}
