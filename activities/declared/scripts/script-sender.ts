/** Sends the requests of a service that is reached by scripts: each is one run of a script that the configuration allows. */
import type { CompiledAction, DeclaredProgram, DeclaredService } from '../../../plan/declared.ts';
import { defined } from '../../../plan/defined.ts';
import type { Json, JsonObject } from '../../../plan/plan.ts';
import { parsedAnswer } from '../../kit/answers.ts';
import { PermanentFailure } from '../../kit/failures.ts';
import { AnswerLost, type SshHost, sshHost } from '../../kit/ssh/connection.ts';
import type { Answer } from '../answer.ts';
import { markNeverSent } from '../never-sent.ts';
import type { Rendered } from '../render.ts';
import type { Sender } from '../sender.ts';
import { runHere } from './here.ts';
import { RunLost, runThere } from './over-ssh.ts';
import { powershellAnswer, powershellArguments, powershellInput } from './powershell.ts';
import type { Run, RunEnded } from './program.ts';

export class ScriptSender implements Sender {
  readonly service: DeclaredService;
  private readonly compiled: CompiledAction;
  private readonly program: DeclaredProgram;
  private readonly settings: JsonObject;

  constructor(compiled: CompiledAction, program: DeclaredProgram, settings: JsonObject) {
    this.compiled = compiled;
    this.service = compiled.service;
    this.program = program;
    this.settings = settings;
  }

  readonly asksToSignIn = false;

  async signedIn(): Promise<void> {
    // The user of the worker, or of the connection, is who it runs as.
  }

  nextPage(): undefined {
    return undefined;
  }

  async send(request: Rendered, signal: AbortSignal): Promise<Answer> {
    const run = this.runOf(String(request.path), request.param ?? {});
    const ended = await this.ended(run, signal);
    return this.program.by === 'powershell'
      ? this.ofPowershell(ended, request.gives)
      : this.ofCommand(ended, request.gives);
  }

  private async ended(run: Run, signal: AbortSignal): Promise<RunEnded> {
    if (this.program.over === undefined) return runHere(run, signal);
    try {
      return await runThere(this.host(), run, signal);
    } catch (error) {
      // The host could not be reached or refused: no command was begun.
      if (!(error instanceof RunLost) && !(error instanceof AnswerLost) && !signal.aborted)
        markNeverSent(error);
      throw error;
    }
  }

  private host(): SshHost {
    const {
      host = '',
      port,
      user = '',
      privateKey = '',
      hostKey = '',
    } = this.settings as Record<string, string>;
    const setting = `connectors: ${this.service.name}`;
    const own = { host, user, privateKey, hostKey, name: host, setting };
    return sshHost({ ...own, ...defined({ port: port === undefined ? undefined : Number(port) }) });
  }

  private runOf(name: string, parameters: JsonObject): Run {
    const { program, by, modules, limitMs } = this.program;
    const script = this.allowed(name);
    if (by === 'powershell')
      return {
        words: [...program, ...powershellArguments],
        input: powershellInput({ script, parameters, modules }),
        limitMs,
      };
    return { words: program, script, input: JSON.stringify(parameters), limitMs };
  }

  /** What runs somewhere is what the configuration of that place allows, to the letter. */
  private allowed(name: string): string {
    const script = this.compiled.action.scripts?.[name];
    if (!script) throw new Error(`${this.compiled.action.name} was compiled without ${name}.`);
    const allow = (this.settings.allow ?? {}) as Record<string, string | string[]>;
    const hashes = [Object.hasOwn(allow, name) ? (allow[name] ?? []) : []].flat();
    if (hashes.includes(`sha256:${script.sha256}`)) return script.text;
    const why = hashes.length === 0 ? 'is not allowed' : 'is another one than was allowed';
    throw new PermanentFailure(
      `The script ${name} of ${this.service.name} ${why}. Nothing was run. Read it, and if it may run, put this under connectors: ${this.service.name}: allow: in countersign.yaml: "${name}": "sha256:${script.sha256}"`,
    );
  }

  private ofPowershell({ exit, output, errors }: RunEnded, gives: Rendered['gives']): Answer {
    const answer = powershellAnswer(output);
    if (!answer)
      return this.failed({ exit, message: `it ended with ${exit} and gave no answer${lastWords(errors)}` });
    if (answer.error !== undefined)
      return this.failed({ exit, error: answer.error, message: answer.message ?? answer.error });
    const objects = answer.output ?? [];
    if (gives === undefined && objects.length > 1)
      return this.failed({
        exit,
        message: `it gave ${objects.length} objects, and one is expected. Let it give one, or declare a list (\`type: "…[]"\`).`,
      });
    return { status: 200, headers: {}, body: gives === 'list' ? objects : objects[0], ended: { exit } };
  }

  private ofCommand({ exit, output, errors }: RunEnded, gives: Rendered['gives']): Answer {
    if (exit !== 0)
      return this.failed({ exit, message: `it ended with ${exit}${lastWords(errors || output)}` });
    const body = parsedAnswer(output.trim()) as Json | undefined;
    if (typeof body === 'string' && gives === 'nothing')
      return { status: 200, headers: {}, body: undefined, ended: { exit } };
    if (typeof body === 'string')
      return this.failed({
        exit,
        message: `it ended well, and what it wrote is no JSON: ${body.slice(0, 200)}. A script writes one JSON document, and everything else as errors.`,
      });
    return { status: 200, headers: {}, body, ended: { exit } };
  }

  private failed(ended: NonNullable<Answer['ended']>): Answer {
    return { status: 500, headers: {}, body: undefined, ended };
  }
}

const mostCharacters = 1_000;

function lastWords(text: string): string {
  const words = text.trim().split('\n').slice(-5).join('\n');
  return words ? `: ${words.slice(-mostCharacters)}` : '.';
}
