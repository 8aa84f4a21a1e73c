/** The supplier's calls to the buyer. One that is not taken is made again, as suppliers' systems do. */
import { setTimeout as wait } from 'node:timers/promises';

/** Suppliers' systems try for hours; three minutes are longer than anything here is away. */
const tries = 360;
const pauseMs = 500;
const answerMs = 10_000;

export class Calls {
  private readonly ended = new AbortController();

  /** Resolves with what the buyer answered at last. Rejects when it never took the document. */
  async make(url: string, body: string): Promise<string> {
    for (let attempt = 1; ; attempt++) {
      const answer = await this.once(url, body).catch(() => '');
      if (/<Status code="2\d\d"/.test(answer) || attempt === tries) return answer;
      await wait(pauseMs, undefined, { signal: this.ended.signal });
    }
  }

  /** Does something later, unless the sandbox has ended by then. */
  later(ms: number, work: () => Promise<unknown>): void {
    wait(ms, undefined, { signal: this.ended.signal })
      .then(work)
      .catch(() => {
        // The sandbox has ended, or the buyer is away for good.
      });
  }

  end(): void {
    this.ended.abort();
  }

  private async once(url: string, body: string): Promise<string> {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'text/xml; charset=UTF-8' },
      body,
      signal: AbortSignal.any([this.ended.signal, AbortSignal.timeout(answerMs)]),
    });
    return response.text();
  }
}
