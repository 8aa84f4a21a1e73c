/**
 * What became of a step's own request, over all its attempts and whichever worker made them: kept before the request leaves, so that
 * "did this step do it" is never another's doing, and a request without an answer is known as one.
 */
import { errorText } from '../../plan/error-text.ts';
import type { Json } from '../../plan/plan.ts';
import { RetryableFailure } from './failures.ts';

/**
 * `unknown`: it has left, and no answer is known. `carried out`: the service said so. `told`: it was unknown, and a person has been
 * told so; whoever has the step tried again has settled it. `none`: it never left, or was refused.
 */
export type RequestState = 'none' | 'unknown' | 'carried out' | 'told';

export interface KeptRequest {
  is: RequestState;
  /** Milliseconds since 1970 when it left. */
  at: number;
}

export interface OwnRequest {
  read(): Promise<KeptRequest>;
  /** Rejects when it cannot be kept, so that nothing is sent. */
  write(is: RequestState): Promise<void>;
}

/** Where it is kept beyond this process. */
export interface RequestStore {
  read(key: string): Promise<Json | undefined>;
  write(key: string, state: Json): Promise<void>;
}

/** Where attempts that follow each other tell the next. */
export interface RequestMemory {
  recall(): { found: unknown; request?: KeptRequest } | undefined;
  keep(memory: { found: unknown; request?: KeptRequest }): void;
}

const none: KeptRequest = { is: 'none', at: 0 };

export function ownRequest(
  key: () => string,
  store: RequestStore | undefined,
  memory: RequestMemory | undefined,
): OwnRequest {
  const kept = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw new RetryableFailure(
        `What became of the request of this step could not be kept or looked up. ${errorText(error)}`,
      );
    }
  };
  if (!store)
    return {
      read: async () => memory?.recall()?.request ?? none,
      write: async (is) => memory?.keep({ found: memory.recall()?.found, request: { is, at: Date.now() } }),
    };
  return {
    read: () => kept(async () => ((await store.read(key())) as KeptRequest | undefined) ?? none),
    write: (is) => kept(() => store.write(key(), { is, at: Date.now() })),
  };
}
