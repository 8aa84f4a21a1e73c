/** For the suite over all declared actions: the connectors of a folder with their stand-ins, and how an action is tried there. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { connectorOf } from '../../activities/declared/connector.ts';
import { compiledFolder, specFile, specPath } from '../../activities/declared/repository.ts';
import { type Activity, activitiesOf } from '../../activities/kit/activity.ts';
import { Caller } from '../../activities/kit/call.ts';
import type { Connector } from '../../activities/kit/define-connector.ts';
import { activityHost, testServices } from '../../activities/kit/testing.ts';
import { asOneDocument } from '../../compiler/connectors/contract.ts';
import type { ActionDescription } from '../../plan/catalogue.ts';
import type { CompiledAction, DeclaredConnector } from '../../plan/declared.ts';
import { defined } from '../../plan/defined.ts';
import type { Json, JsonObject } from '../../plan/plan.ts';
import { type Contract, contractIn, contractOf } from '../../sandbox/contract.ts';
import { type Description, descriptionIn } from '../../sandbox/declared/description.ts';

export interface DeclaredCase {
  name: string;
  compiled: CompiledAction;
  description: ActionDescription;
  connector: Connector;
  standIn: Description;
  input: JsonObject;
  before: { uses: string; with: JsonObject }[];
  except: Record<string, string>;
  /** Where the connector names one that is at hand. */
  contract: PublishedContract | undefined;
}

export interface PublishedContract {
  contract: Contract;
  /** What our paths have in front. */
  base: string;
  /** Requests that the document lacks, and the connector says so. */
  beside(method: string, path: string): boolean;
}

/** Every action of the connectors of a folder, with its first example or what its stand-in says instead. */
export function casesIn(folder: string): { cases: DeclaredCase[]; problems: string[] } {
  const { connectors, diagnostics } = compiledFolder(folder, new Map(), specPath);
  const problems = diagnostics
    .filter(({ severity }) => severity === 'error')
    .map(({ file, line, column, code, message }) => `${file}:${line}:${column} ${code} ${message}`);
  const cases = connectors.map(withoutLimits).flatMap((declared) => {
    const own = join(folder, declared.name);
    if (!existsSync(join(own, 'stand-in.yaml'))) return [];
    const standIn = descriptionIn(own, declared.name);
    const connector = connectorOf(declared);
    const contract = contractBeside(own);
    return declared.actions.flatMap((entry, index): DeclaredCase[] => {
      const compiled = { ...entry, service: declared.service };
      const description = declared.descriptions[index];
      if (!description) return [];
      const { with: given, before = [], except = {} } = standIn.tests[description.name] ?? {};
      const input = (given ?? description.examples[0]?.with ?? {}) as JsonObject;
      return [
        {
          name: description.name,
          compiled,
          description,
          connector,
          standIn,
          input,
          before: before as DeclaredCase['before'],
          except,
          contract,
        },
      ];
    });
  });
  return { cases, problems };
}

function contractBeside(folder: string): PublishedContract | undefined {
  const { contract } = parse(readFileSync(join(folder, 'connector.yaml'), 'utf8')) as {
    contract?: { openapi?: string | string[]; base?: string; also?: Record<string, string[]> };
  };
  const lacking = Object.entries(contract?.also ?? {})
    .filter(([, parts]) => parts.includes('request'))
    .map(([request]) => new RegExp(`^${request.replaceAll('$', '\\$').replace(/\{[^}]*\}/g, '[^/]+')}$`));
  const beside = (method: string, path: string) => lacking.some((each) => each.test(`${method} ${path}`));
  const files = [contract?.openapi ?? []].flat();
  const [only] = files;
  if (only === undefined) return undefined;
  const base = contract?.base ?? '';
  if (files.length === 1 && !existsSync(join(folder, only))) {
    const known = contractOf(only);
    return known && { contract: known, base, beside };
  }
  const documents = files.map((file) => {
    const own = join(folder, file);
    return existsSync(own) ? readFileSync(own, 'utf8') : specFile(file);
  });
  const found = documents.filter((text) => text !== undefined);
  if (found.length < files.length) return undefined;
  const whole = asOneDocument(found.map((text) => JSON.parse(text) as JsonObject));
  return { contract: contractIn(whole), base, beside };
}

/** A stand-in takes as many requests as come. */
function withoutLimits(declared: DeclaredConnector): DeclaredConnector {
  const { service } = declared;
  const { http } = service;
  return { ...declared, service: { ...service, ...defined({ http: http && { ...http, limits: [] } }) } };
}

/** Attempts of declared actions, with what outlives a worker kept as the store keeps it. */
export class DeclaredAttempts {
  private readonly kept = new Map<string, Json>();
  private readonly services;
  private readonly connector: Connector;
  /** One worker's, so that it signs in once. */
  private activities: Record<string, Activity> | undefined;

  constructor(connector: Connector, settings: JsonObject, sensitive: readonly string[]) {
    this.connector = connector;
    const values = Object.fromEntries(
      sensitive.map((name) => [`${connector.name}_${name}`, String(settings[name])]),
    );
    const references = Object.fromEntries(
      sensitive.map((name) => [name, { $secret: `${connector.name}_${name}` }]),
    );
    this.services = {
      ...testServices({ [connector.name]: { ...settings, ...references } as JsonObject }, values),
      firstLook: async (key: string, found: Json) => {
        if (!this.kept.has(key)) this.kept.set(key, found);
        return this.kept.get(key) as Json;
      },
      requests: {
        read: async (key: string) => this.kept.get(key),
        write: async (key: string, state: Json) => void this.kept.set(key, state),
      },
    };
  }

  async run(action: string, input: JsonObject, step: string): Promise<JsonObject> {
    this.activities ??= activitiesOf([this.connector], this.services)[this.connector.name] ?? {};
    const { activities } = this;
    const host = activityHost({ activityType: action });
    return (await host.run(async () => activities[action]?.(input, at(step)))) as JsonObject;
  }

  preview(action: string, input: JsonObject, step: string) {
    return this.caller.preview(this.actionOf(action), input, at(step), unlimited());
  }

  verify(action: string, input: JsonObject, step: string) {
    return this.caller.verify(this.actionOf(action), input, at(step), unlimited());
  }

  private get caller(): Caller {
    return new Caller(this.connector, this.services);
  }

  private actionOf(name: string) {
    const found = this.connector.actions.find((action) => action.name === name);
    if (!found) throw new Error(`no action ${name}`);
    return found;
  }
}

const unlimited = () => ({ signal: new AbortController().signal, timeoutMs: 0 });
const at = (step: string) => ({ run: 'run-1', runbook: 'declared', step });
