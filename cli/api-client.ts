/** The gateway's API, as commands use it. */

import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { defined } from '../plan/defined.ts';
import { Exit, exitCodes, usage } from './exit.ts';
import { withCommand } from './where-to-look.ts';

export interface ApiOptions {
  /** Address of the gateway; unless given, the stack over the data folder. */
  gateway?: string;
  data?: string;
  /** Who is acting. */
  as?: string;
}

interface ProblemBody {
  title?: string;
  detail?: string;
}

export class Api {
  readonly as: string;
  private readonly url: string;
  private readonly token: string;

  private constructor(url: string, token: string, as: string) {
    this.url = url;
    this.token = token;
    this.as = as;
  }

  static async connect(options: ApiOptions): Promise<Api> {
    const data = resolve(options.data ?? process.env.COUNTERSIGN_DATA ?? '.countersign');
    const url = options.gateway ?? process.env.COUNTERSIGN_GATEWAY ?? (await gatewayOf(data));
    const token = await readFile(join(data, 'local-token'), 'utf8').catch(() => {
      throw usage(
        `There is no local-token in ${data}. Run this where the gateway keeps its data, or say where: --data FOLDER.`,
      );
    });
    const as = options.as ?? process.env.COUNTERSIGN_AS ?? (await gitAddress());
    if (!as) throw usage('Say who you are: --as kim@example.com, or set COUNTERSIGN_AS.');
    return new Api(url, token.trim(), as);
  }

  get<T>(path: string): Promise<T> {
    return this.send<T>('GET', path);
  }

  /** `timeoutMs` for what takes longer than half a minute. */
  post<T>(path: string, body: unknown, timeoutMs?: number): Promise<T> {
    return this.send<T>('POST', path, body, timeoutMs);
  }

  /** A file, as it is. */
  async download(path: string): Promise<Buffer> {
    const response = await this.ask('GET', path, undefined, 120_000);
    if (!response.ok) await this.refused(response);
    return Buffer.from(await response.arrayBuffer());
  }

  private async send<T>(method: string, path: string, body?: unknown, timeoutMs = 30_000): Promise<T> {
    const response = await this.ask(method, path, body, timeoutMs);
    if (!response.ok) return this.refused(response);
    return (await response.json().catch(() => ({}))) as T;
  }

  private async refused(response: Response): Promise<never> {
    const answer = (await response.json().catch(() => ({}))) as ProblemBody;
    const code = response.status >= 500 ? exitCodes.unreachable : exitCodes.problems;
    throw new Exit(
      code,
      answer.detail ? withCommand(answer.detail) : `The gateway answered ${response.status}.`,
    );
  }

  private async ask(method: string, path: string, body: unknown, timeoutMs: number): Promise<Response> {
    try {
      return await fetch(`${this.url}/api/v1${path}`, {
        method,
        headers: {
          authorization: `Bearer ${this.token}`,
          'x-countersign-as': this.as,
          ...defined({ 'content-type': body === undefined ? undefined : 'application/json' }),
        },
        ...defined({ body: body === undefined ? undefined : JSON.stringify(body) }),
        signal: AbortSignal.timeout(timeoutMs),
      });
    } catch {
      throw new Exit(
        exitCodes.unreachable,
        `The gateway at ${this.url} does not answer. Start it with \`countersign dev\`, or name another: --gateway URL.`,
      );
    }
  }
}

async function gatewayOf(data: string): Promise<string> {
  const { readStackFile } = await import('./dev/stack-file.ts');
  const stack = await readStackFile(data);
  if (stack) return stack.gateway;
  throw new Exit(
    exitCodes.unreachable,
    `No Countersign runs over ${data}. Start it with \`countersign dev\` (or npm start), or name a gateway: --gateway URL.`,
  );
}

async function gitAddress(): Promise<string | undefined> {
  const { execFile } = await import('node:child_process');
  const { promisify } = await import('node:util');
  try {
    return (await promisify(execFile)('git', ['config', 'user.email'])).stdout.trim() || undefined;
  } catch {
    return undefined;
  }
}
