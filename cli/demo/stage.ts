/** Where the demo and the end-to-end tests act: the stand-ins, the gateway's hooks and its API. Whatever dies meanwhile is tried again. */
import { defined } from '../../plan/defined.ts';
import type { Effect, EffectFilter } from '../../sandbox/effects.ts';

/** What a ticket system sends. */
export interface Delivery {
  headers: Record<string, string>;
  body: string;
}

export interface HookAnswer {
  status: number;
  outcome?: string;
  run?: string;
  reason?: string;
  /** Of one that is kept and not handled yet. */
  delivery?: string;
}

/** One of those who may see what ticket systems sent. */
const operator = 'kim.okafor@example.com';

interface Handled {
  outcome: string;
  reason?: string;
  runId?: string;
}

export interface StageOptions {
  gateway: () => string;
  sandbox: () => string;
  /** Of the gateway, by which somebody on this machine says who they are. */
  token: () => Promise<string>;
  /** Of the ticket systems' webhooks. */
  webhookSecret: string;
  /** How long whoever does not answer is tried; a minute unless said. */
  tryForMs?: number;
}

const usualTryForMs = 60_000;

export class Stage {
  readonly webhookSecret: string;
  private readonly options: StageOptions;

  constructor(options: StageOptions) {
    this.options = options;
    this.webhookSecret = options.webhookSecret;
  }

  private get tryForMs(): number {
    return this.options.tryForMs ?? usualTryForMs;
  }

  get gateway(): string {
    return this.options.gateway();
  }

  async sandbox<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${this.options.sandbox()}${path}`, {
      method,
      ...(body === undefined
        ? {}
        : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`The stand-ins answered ${response.status} to ${method} ${path}.`);
    const text = await response.text();
    return (text ? JSON.parse(text) : undefined) as T;
  }

  effects(filter: EffectFilter): Promise<Effect[]> {
    return this.sandbox(
      'GET',
      `/_sandbox/effects?${new URLSearchParams({ ...filter } as Record<string, string>)}`,
    );
  }

  /** As the ticket system would: again, until there is an answer that stands. Then, as people do, looks what became of it. */
  async deliver(system: string, delivery: Delivery): Promise<HookAnswer> {
    const answer = await this.answered(system, delivery);
    const { delivery: id } = answer;
    if (id === undefined) return answer;
    return untilAnswered(`what became of ${system}'s delivery`, this.tryForMs, async () => {
      const { outcome, reason, runId } = await this.get<Handled>(operator, `/deliveries/${id}`);
      if (outcome === 'received') return undefined;
      return { status: answer.status, outcome, ...defined({ reason, run: runId }) };
    });
  }

  private answered(system: string, { headers, body }: Delivery): Promise<HookAnswer> {
    return untilAnswered(`${system}'s delivery`, this.tryForMs, async () => {
      const response = await fetch(`${this.gateway}/hooks/${system}`, { method: 'POST', headers, body });
      if (response.status >= 500) return undefined;
      const { detail, ...answer } = (await response.json()) as Omit<HookAnswer, 'status'> & {
        detail?: string;
      };
      return { status: response.status, ...defined({ outcome: detail || undefined }), ...answer };
    });
  }

  get<T>(as: string, path: string): Promise<T> {
    return this.api<T>(as, 'GET', path);
  }

  post<T>(as: string, path: string, body: unknown): Promise<T> {
    return this.api<T>(as, 'POST', path, body);
  }

  /** Rejects with the gateway's own words when it refuses. */
  private async api<T>(as: string, method: string, path: string, body?: unknown): Promise<T> {
    const token = await this.options.token();
    // The same for every try, so that a lost answer makes no second request of it.
    const key = crypto.randomUUID();
    const { answer, refused } = await untilAnswered(`${method} ${path}`, this.tryForMs, async () => {
      const response = await fetch(`${this.gateway}/api/v1${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          'x-countersign-as': as,
          'idempotency-key': key,
          ...defined({ 'content-type': body === undefined ? undefined : 'application/json' }),
        },
        ...defined({ body: body === undefined ? undefined : JSON.stringify(body) }),
        signal: AbortSignal.timeout(20_000),
      });
      if (response.status >= 500) return undefined;
      const answer = (await response.json()) as T & { detail?: string };
      return response.ok ? { answer } : { refused: answer.detail ?? `it answered ${response.status}` };
    });
    if (answer === undefined) throw new Error(`The gateway refused ${method} ${path}: ${refused}`);
    return answer;
  }
}

/** Asks again while nobody is there, or whoever is there is not up yet. */
async function untilAnswered<T>(
  what: string,
  tryForMs: number,
  ask: () => Promise<T | undefined>,
): Promise<T> {
  let last: unknown = 'no answer';
  for (const end = Date.now() + tryForMs; Date.now() < end; ) {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  throw new Error(`Tried for ${tryForMs / 1000} s in vain: ${what} (${String(last)})`);
}
