/**
 * Connectors and actions that are declared as data: what `compiler/connectors/` makes of `connector.yaml` and `*.action.yaml`, and
 * all that the interpreter in `activities/declared/` sees. Plain JSON, so that it can be hashed, kept and run as it was compiled.
 */
import type { ActionDescription } from './catalogue.ts';
import type { DeclaredTicketSystem } from './declared-tickets.ts';
import type { Cel, Effect, JsonObject, JsonSchema, Template } from './values.ts';

/** `RUN` runs a script of the connector; the others are methods of HTTP. */
export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'RUN';

/** Query languages in which a value is first made a literal. */
export const queryLanguages = [
  'odata',
  'rsql',
  'jql',
  'cql',
  'servicenow',
  'zendesk',
  'freshservice',
] as const;
export type QueryLanguage = (typeof queryLanguages)[number];

export interface DeclaredRequest {
  method: Method;
  /** Text, or `{ $text }`: its expressions are encoded as segments, those between quotes as literals of OData. Of `RUN` the script's name. */
  path: Template;
  /** What a script is given, by name. Only of `RUN`. */
  param?: Record<string, Template>;
  /** What is made of what a script writes: a list, be it of one or none, or nothing at all; unsaid: one object. */
  gives?: 'list' | 'nothing';
  query?: Record<string, Template>;
  headers?: Record<string, Template>;
  body?: Template;
  form?: Record<string, Template>;
  multipart?: Record<string, Template>;
  /** Text whose expressions are written as XML. */
  xml?: Template;
  /** Why another method than GET only reads. */
  reads?: string;
  /** The answer is taken as text, whatever it looks like. */
  answers?: 'text';
  /** Only read together with what is under this key. */
  languages?: Record<string, QueryLanguage>;
}

export interface PageSize {
  parameter: string;
  of: number;
}

export type Pages =
  | { by: 'link'; size?: PageSize }
  | { by: 'next'; next: Cel; size?: PageSize }
  | { by: 'cursor'; cursor: Cel; as: string; size?: PageSize }
  | {
      by: 'number' | 'offset';
      parameter: string;
      size?: PageSize;
      first: number;
      /** How many items there are in all. */
      total?: Cel;
      /** Whether an answer is the last page. */
      last?: Cel;
    };

/** How a script ended. */
export interface ScriptEnd {
  /** Exit codes. */
  exit?: number[];
  /** Types of errors, as PowerShell names them. */
  error?: string[];
}

export interface Absent extends ScriptEnd {
  means: 'permanent' | 'retry' | 'already' | 'empty';
  says?: Template;
}

/** What is made of the answer: an expression, and the schema that its value must fit. */
export interface Take {
  take: Cel;
  type: JsonSchema;
}

export interface DeclaredList {
  request: DeclaredRequest;
  items: Cel;
  type: JsonSchema;
  pages?: Pages;
  most: number;
}

export interface Look {
  /** `found.NAME`; without it the look is `found` itself. */
  as?: string;
  one?: { request: DeclaredRequest } & Take;
  list?: DeclaredList;
  /** Drops items. */
  where?: Cel;
  /** What all items must be, or the service did not apply the condition. */
  holds?: Cel;
  pick?: { by: 'first' | 'only' } | { by: 'newest'; value: Cel };
  /** What it means that a list has none to pick, or several. */
  none?: Absent;
  several?: Absent;
  absent?: Absent;
}

export interface Mark {
  /** Asked anew; without it `of` names what was looked at. */
  list?: DeclaredList;
  of?: Cel;
  where: Cel;
  own?: Cel;
  /** The service may not show it sooner, in milliseconds. */
  showsMs?: number;
  /** The service itself keeps the key so long, in milliseconds. */
  lastsMs?: number;
}

export type Want = { fields: Record<string, { is: Cel; to: Cel }> } | { each: Cel; is: Cel; to: Cel };

export interface Refusal {
  when: Cel;
  says: Template;
  means: 'stop' | 'skip';
}

export type AnswerMeaning = 'success' | 'permanent' | 'retry' | 'limit' | 'conflict' | 'already' | 'absent';

export interface AnswerRule extends ScriptEnd {
  status?: number[];
  when?: Cel;
  means: AnswerMeaning;
  says?: Template;
  advice?: string;
}

export interface Waiting {
  one?: DeclaredRequest;
  list?: DeclaredList;
  until?: Cel;
  fails?: Cel;
  says?: Template;
  everyMs: number;
  atMostMs: number;
}

export interface Given {
  value: Cel;
  schema: JsonSchema;
  required: boolean;
  /** Given only where the step says `pick`. */
  picked?: true;
}

export interface DeclaredAction {
  name: string;
  effect: Effect;
  input: JsonSchema;
  sensitiveInputs: string[];
  output: JsonSchema;
  sensitive: string[];
  looks: Look[];
  mark?: Mark;
  want?: Want;
  already?: Cel;
  refuse: Refusal[];
  prepare: ({ as: string; request: DeclaredRequest } & Take)[];
  change?: { request: DeclaredRequest; take?: Cel | 'mark'; type?: JsonSchema; again?: string };
  answers: AnswerRule[];
  confirm: { that: Cel; else: Template }[];
  wait?: Waiting;
  give: Record<string, Given>;
  /** Name of the output that says whether this step did it. */
  did?: string;
  say?: { would?: Template; is?: Template };
  undo?: { uses: string; with: Template; if?: Cel };
  /** The scripts that its requests run, by name. */
  scripts?: Record<string, DeclaredScript>;
  delivery: ActionDescription['delivery'];
}

export type SignIn =
  | { by: 'none' }
  | { by: 'basic'; user: Template; password: Template }
  | { by: 'bearer'; token: Template }
  | { by: 'header'; headers: Record<string, Template> }
  | {
      by: 'oauth2';
      token: Template;
      client: Template;
      secret: Template;
      scope?: Template;
      in: 'basic' | 'body';
      /** Further fields that the service asks for. */
      fields?: Record<string, Template>;
    }
  | { by: 'login'; request: DeclaredRequest; take: Cel; forMs: number; headers: Record<string, Template> };

export interface DeclaredHttp {
  base: Template;
  headers: Record<string, Template>;
  signIn: SignIn;
  answers: 'json' | 'text';
  connection?: 'close';
  limits: { calls: number; perMs: number }[];
  requestId?: string;
}

/** A script as it was when the action was compiled: what runs is this, and nothing that has come in its place. */
export interface DeclaredScript {
  text: string;
  /** Of the text and of the program that runs it, in hexadecimal: what a configuration allows. */
  sha256: string;
}

/** The program that runs a connector's scripts, where the worker runs or on a host over SSH. */
export interface DeclaredProgram {
  by: 'powershell' | 'command';
  /** The program, and what stands before the script's own name. */
  program: string[];
  /** Modules that PowerShell imports first. */
  modules: string[];
  over?: 'ssh';
  /** For one run, in milliseconds. Then it is ended with all that it began. */
  limitMs: number;
}

/** All that a connector's actions share. */
export interface DeclaredService {
  name: string;
  title: string;
  settings: JsonSchema;
  /** Settings that are secret. */
  sensitive: string[];
  settingsFrom?: string;
  /** How it is reached: by requests, or by scripts. */
  http?: DeclaredHttp;
  scripts?: DeclaredProgram;
  answers: AnswerRule[];
  /** The service's own words in an answer. */
  words?: Cel;
}

export interface CompiledAction {
  /** sha256 (hex) of the canonical JSON of service and action: what a plan, and a live run, is bound to. */
  hash: string;
  service: DeclaredService;
  action: DeclaredAction;
  /** File, and the line of each expression, for messages. Not part of the hash. */
  file: string;
  lines: Record<string, number>;
}

export interface DeclaredConnector {
  name: string;
  title: string;
  /** The folder, as diagnostics name it. */
  folder: string;
  service: DeclaredService;
  actions: Omit<CompiledAction, 'service'>[];
  descriptions: ActionDescription[];
  /** The read by which its settings and permissions are checked, and what it is asked. */
  check?: { uses: string; with: JsonObject };
  /** How its tickets start runs, where it is a ticket system. */
  tickets?: DeclaredTicketSystem;
}
