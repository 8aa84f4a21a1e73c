/** The end of a stream: what a program said last is what matters, and a run keeps little. */

const mostBytes = 16 * 1024;

export class Tail {
  private kept: Buffer = Buffer.alloc(0);
  truncated = false;

  add(chunk: Buffer): void {
    const all = Buffer.concat([this.kept, chunk]);
    this.truncated ||= all.length > mostBytes;
    this.kept = all.length > mostBytes ? all.subarray(all.length - mostBytes) : all;
  }

  /** Begins with a whole character. */
  text(): string {
    let start = 0;
    while (this.truncated && start < 4 && ((this.kept[start] ?? 0) & 0xc0) === 0x80) start++;
    return this.kept.subarray(start).toString('utf8');
  }
}
