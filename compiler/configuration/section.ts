/** One section of `countersign.yaml`: its schema, and how it is checked and read. A file a section; `registry.ts` is generated of them. */
import type { Json, JsonObject, JsonSchema } from '../../plan/plan.ts';
import type { Reporter } from '../diagnostics/reporter.ts';
import type { SourceRange } from '../source/source-file.ts';
import type { Node } from '../source/tree.ts';

/** A connector's name -> the JSON Schema of its settings. */
export type ConnectorSettings = Readonly<Record<string, JsonSchema>>;

/** What a section may ask of the configuration around it. */
export interface Around {
  reporter: Reporter;
  /** Without them, settings are taken as they are. */
  connectorSettings: ConnectorSettings | undefined;
  /** Ticket systems that the repository declares itself. */
  ticketSystems: readonly string[];
  /** Another section. */
  section(key: string): Node | undefined;
  /** A value as JSON; a secret stands in it as `{ $secret: NAME }`. */
  json(node: Node): Json;
  /** Whether an expression that names a secret stands here, so that nothing else need be checked. */
  isSecret(node: Node): boolean;
  checkName(at: SourceRange, name: string, what: string): void;
  checkTimezone(node: Node | undefined): void;
  /** `role:NAME` of a role that there is, or an e-mail address. */
  checkPerson(node: Node, where: string): void;
}

export interface Section<T> {
  /** Its place in lists of the sections. */
  rank: number;
  schema: JsonSchema;
  /** Its values may be secrets. */
  secrets?: true;
  /** Its texts are expressions, with or without braces, and none of them a secret. */
  expressions?: true;
  /** What the schema cannot say. */
  check?(node: Node, around: Around): void;
  /** What the program gets of it, also where it is not written. */
  read(node: Node | undefined, around: Around): T;
}

export function readMap(node: Node | undefined, around: Around): JsonObject {
  return node?.kind === 'map' ? (around.json(node) as JsonObject) : {};
}

export function readList(node: Node | undefined, around: Around): Json[] {
  return node?.kind === 'list' ? (around.json(node) as Json[]) : [];
}
