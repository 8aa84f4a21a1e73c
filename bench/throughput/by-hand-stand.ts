/** The workflow by hand beside a stack: over its Temporal server and its stand-ins, with two processes of its own. */
import { type ChildProcess, fork } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { packageRoot } from '../../store/package-root.ts';
import { cpuMsOf } from './cpu.ts';
import { manager } from './repository.ts';
import { type Stand, webhookSecret } from './stand.ts';
import type { ByHandArguments, Told } from './worker.ts';

export class ByHand {
  /** Key of a ticket -> what its run has come to. */
  readonly told = new Map<string, 'gate' | 'end'>();
  private readonly stand: Stand;
  private readonly children: ChildProcess[] = [];
  private url = '';

  private constructor(stand: Stand) {
    this.stand = stand;
  }

  static async start(stand: Stand): Promise<ByHand> {
    const { dataFolder, repository } = stand.options;
    const bundle = join(repository, 'by-hand.js');
    const { code } = await bundleWorkflowCode({
      workflowsPath: join(packageRoot(), 'bench', 'throughput', 'by-hand.ts'),
      logger: new DefaultLogger('ERROR'),
    });
    await writeFile(bundle, code);
    const { temporal: address, namespace } = stand.stack;
    const settings = { address, namespace, dataFolder, repository, bundle, webhookSecret };
    const byHand = new ByHand(stand);
    for (const role of ['worker', 'hook'] as const) await byHand.spawn({ ...settings, role });
    return byHand;
  }

  private spawn(settings: ByHandArguments): Promise<void> {
    const script = join(dirname(fileURLToPath(import.meta.url)), 'worker.js');
    const connectors = join(settings.dataFolder, 'sandbox-connectors.json');
    const child = fork(script, [JSON.stringify(settings)], {
      env: { ...process.env, COUNTERSIGN_CONNECTORS: connectors, COUNTERSIGN_DATA: settings.dataFolder },
    });
    this.children.push(child);
    return new Promise((resolve, reject) => {
      child.once('exit', (code) => reject(new Error(`the ${settings.role} by hand ended with ${code}`)));
      child.on('message', (told: Told) => {
        if ('what' in told) return void this.told.set(told.key, told.what);
        this.url = told.ready.url ?? this.url;
        resolve();
      });
    });
  }

  get hook(): string {
    return `${this.url}/hooks/jira`;
  }

  async vote(key: string): Promise<void> {
    const response = await fetch(`${this.url}/sign`, {
      method: 'POST',
      body: JSON.stringify({ key, by: manager }),
    });
    if (!response.ok) throw new Error(`the signature by hand failed: ${await response.text()}`);
  }

  cpuMs(): Record<string, number> {
    const [worker = 0, hook = 0] = this.children.map(({ pid }) => cpuMsOf(pid === undefined ? [] : [pid]));
    return { gateway: hook, worker, temporal: this.stand.cpuMs(['temporal']) };
  }

  stop(): void {
    for (const child of this.children) if (child.connected) child.disconnect();
  }
}
