/** Seals what a gateway tells Temporal: each start for one workflow, each command for one run and one time. */
import { randomBytes } from 'node:crypto';
import { defined } from '../plan/defined.ts';
import type { Json } from '../plan/plan.ts';
import type { GivenCommand, SealedCommand, SealedStart } from '../plan/sealed.ts';
import { type GatewayKey, sealCommand } from '../vault/commands.ts';
import type { RunStart } from '../workflows/messages.ts';

export interface SealingParts {
  key: GatewayKey;
  /** Of a run that is known here. */
  planHashOf?(runId: string): Promise<string | undefined>;
  /** Puts on record which execution a start began. */
  began?(number: string, execution: string): Promise<unknown>;
}

/** What of a request says who gives it, and about what. */
interface Told {
  principal?: { id: string };
  recorded?: { for: string };
  source?: string;
  step?: string;
  occasion?: string;
  revision?: number;
  hash?: string;
}

export class Sealing {
  private readonly parts: SealingParts;

  constructor(parts: SealingParts) {
    this.parts = parts;
  }

  async command(runId: string, name: string, request: unknown): Promise<SealedCommand> {
    const { principal, recorded, source, step, occasion, revision, hash } = request as Told;
    const given: GivenCommand = {
      run: runId,
      command: name,
      person: (recorded?.for ?? principal?.id ?? source ?? 'countersign').toLowerCase(),
      at: Date.now(),
      number: usedOnce(),
      request: request as Json,
      ...defined({ planHash: await this.parts.planHashOf?.(runId), step, occasion, revision, hash }),
    };
    return sealCommand(this.parts.key, given);
  }

  start(workflow: string, start: RunStart): SealedStart<RunStart> {
    return { $start: { number: usedOnce(), workflow }, start };
  }

  /** After the start, so that it begins nothing else even before the run has called anything. */
  async began({ $start }: SealedStart<RunStart>, execution: string): Promise<void> {
    await this.parts.began?.($start.number, execution);
  }
}

function usedOnce(): string {
  return randomBytes(12).toString('base64url');
}
