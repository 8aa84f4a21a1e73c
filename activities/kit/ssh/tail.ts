/** The end of a stream: what a program said last is what matters, and a run keeps little. */

const usualBytes = 16 * 1024;

export class Tail {
  private kept: Buffer = Buffer.alloc(0);
  truncated = false;
  private readonly most: number;

  constructor(most = usualBytes) {
    this.most = most;
  }

  add(chunk: Buffer): void {
    const all = Buffer.concat([this.kept, chunk]);
    this.truncated ||= all.length > this.most;
    this.kept = all.length > this.most ? all.subarray(all.length - this.most) : all;
  }

  /** Begins with a whole character. */
  text(): string {
    let start = 0;
    while (this.truncated && start < 4 && ((this.kept[start] ?? 0) & 0xc0) === 0x80) start++;
    return this.kept.subarray(start).toString('utf8');
  }
}
