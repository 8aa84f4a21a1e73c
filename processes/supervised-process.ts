/** One supervised process: started, watched, started again when it dies, stopped. */
import { type ChildProcess, spawn } from 'node:child_process';

export type PartState = 'starting' | 'ready' | 'restarting' | 'stopped';

export interface PartOptions {
  name: string;
  script: string;
  environment: () => Record<string, string | undefined>;
  log: (line: string) => void;
  /** Longest time until it is ready; a first start may download or build something. */
  readyLimitMs?: number;
}

const endingSignals: NodeJS.Signals[] = ['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'];
const firstBackoffMs = 200;
const longestBackoffMs = 5_000;

export class PartProcess {
  readonly name: string;
  state: PartState = 'stopped';
  /** What the part said when it got ready. */
  ready: Record<string, unknown> = {};
  private readonly options: PartOptions;
  private child: ChildProcess | undefined;
  private becomingReady: Promise<void> = Promise.resolve();
  private backoffMs = firstBackoffMs;
  private complaints: string[] = [];

  constructor(options: PartOptions) {
    this.name = options.name;
    this.options = options;
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** Resolves when it is ready; rejects, in its own words, when it could not start. */
  start(): Promise<void> {
    this.state = 'starting';
    this.becomingReady = this.spawn();
    return this.becomingReady;
  }

  /** Resolves when it is (again) ready. */
  waitReady(): Promise<void> {
    return this.becomingReady;
  }

  /** As an accident would: it is noticed, and the part started again. `waitReady` then waits for the new one. */
  kill(signal: NodeJS.Signals = 'SIGKILL'): void {
    const { child } = this;
    if (!child || this.state === 'stopped' || hasEnded(child) || !child.kill(signal)) return;
    if (!endingSignals.includes(signal)) return;
    this.becomingReady = new Promise((resolve, reject) => {
      // By then its end was noticed, and there is a new start to wait for.
      child.once('exit', () => this.becomingReady.then(resolve, reject));
    });
    this.becomingReady.catch(() => {});
  }

  /** Lets it finish, and starts it again. Resolves when it is ready. */
  restart(): Promise<void> {
    this.kill('SIGTERM');
    return this.waitReady();
  }

  /** Its end is no accident from now on: it is not started again. */
  expectEnd(): void {
    this.state = 'stopped';
  }

  async stop(limitMs = 10_000): Promise<void> {
    const { child } = this;
    this.expectEnd();
    if (!child || hasEnded(child)) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), limitMs);
    await gone;
    clearTimeout(late);
  }

  private spawn(): Promise<void> {
    this.complaints = [];
    const child = spawn(process.execPath, ['--enable-source-maps', this.options.script], {
      env: { ...process.env, ...this.options.environment() },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // Ctrl-C reaches the supervisor alone, which stops the parts in their order; they end with it in any case.
      detached: true,
      windowsHide: true,
    });
    this.child = child;
    child.stderr?.on('data', (chunk: Buffer) => this.say(chunk.toString()));
    return new Promise<void>((resolve, reject) => {
      const limit = setTimeout(() => {
        reject(new Error(`${this.name} did not get ready in time. ${this.lastWords()}`));
        if (this.state === 'starting') this.state = 'stopped';
        child.kill('SIGKILL');
      }, this.options.readyLimitMs ?? 60_000);
      let output = '';
      child.stdout?.on('data', (chunk: Buffer) => {
        output += chunk.toString();
        for (let end = output.indexOf('\n'); end >= 0; end = output.indexOf('\n')) {
          const line = output.slice(0, end);
          output = output.slice(end + 1);
          if (!this.isReadyLine(line)) continue;
          clearTimeout(limit);
          // Told to stop in the same moment.
          if (this.state === 'stopped') continue;
          this.state = 'ready';
          this.backoffMs = firstBackoffMs;
          resolve();
        }
      });
      child.once('exit', (code, signal) => {
        clearTimeout(limit);
        if (this.state === 'starting') {
          this.state = 'stopped';
          reject(new Error(`${this.name} could not start. ${this.lastWords()}`));
        } else if (this.state !== 'stopped') {
          reject(new Error(`${this.name} ended while starting again`));
          this.startAgain(signal ?? `exit ${code}`);
        }
      });
    });
  }

  private isReadyLine(line: string): boolean {
    try {
      const message = JSON.parse(line) as { ready?: boolean };
      if (!message.ready) return false;
      this.ready = message;
      return true;
    } catch {
      if (line.trim()) this.say(line);
      return false;
    }
  }

  private startAgain(why: string): void {
    this.state = 'restarting';
    this.options.log(`${this.name} ended (${why}); starting it again`);
    const wait = this.backoffMs;
    this.backoffMs = Math.min(this.backoffMs * 2, longestBackoffMs);
    this.becomingReady = new Promise((resolve, reject) => {
      setTimeout(() => {
        if (this.state === 'stopped') return resolve();
        this.spawn().then(resolve, (error: unknown) => {
          // Its exit has set off the next try; whoever waits, waits for that one.
          if (this.state === 'stopped') reject(error);
          else this.becomingReady.then(resolve, reject);
        });
      }, wait);
    });
    this.becomingReady.catch(() => {});
  }

  private say(text: string): void {
    for (const line of text.split('\n').filter((each) => each.trim())) {
      this.complaints = [...this.complaints, line].slice(-5);
      this.options.log(line);
    }
  }

  private lastWords(): string {
    return this.complaints.join('\n');
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
