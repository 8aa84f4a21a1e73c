/** First drafts of a connector from scripts that a team has already: they compile, and say where their author must decide. */
import type { DraftFile } from './draft-types.ts';
import { type Parameter, parametersOf } from './read-script.ts';

export interface GivenScript {
  /** The file's name. */
  name: string;
  text: string;
}

/** Of one kind: all PowerShell, or all run by one program. Undefined when they are not. */
export function draftScripts(name: string, scripts: readonly GivenScript[]): DraftFile[] | undefined {
  const programs = new Set(scripts.map((script) => programOf[extensionOf(script.name)] ?? 'sh'));
  const [program] = programs;
  if (programs.size !== 1 || program === undefined) return undefined;
  return [
    { path: 'connector.yaml', text: connectorDraft(name, program) },
    ...scripts.map((script) => actionDraft(name, script, program)),
  ];
}

const programOf: Record<string, string> = {
  ps1: 'pwsh',
  py: 'python3',
  js: 'node',
  sh: 'sh',
  rb: 'ruby',
  pl: 'perl',
};

function extensionOf(file: string): string {
  return file.split('.').at(-1)?.toLowerCase() ?? '';
}

function connectorDraft(name: string, program: string): string {
  const way =
    program === 'pwsh'
      ? 'powershell:\n  # program: powershell.exe        # Windows PowerShell; unsaid: pwsh\n  # modules: [ActiveDirectory]\n'
      : `command:\n  program: [${program}]\n`;
  return `connector: ${name}
title: ${name}
description: What it is, and what to know of it.

settings: {}
${way}  # over: ssh                      # on another host; unsaid: where the worker runs
  limit: 2m

types: {} # what the scripts give: a name and its fields
`;
}

/** Verbs of PowerShell by which nothing is changed. */
const reading = /^(get|test|find|measure|compare|search|show|read|select|check|list)/i;

function actionDraft(connector: string, { name, text }: GivenScript, program: string): DraftFile {
  const plain = name.replace(/\.[^.]*$/, '');
  const action = camel(plain);
  const parameters = program === 'pwsh' ? parametersOf(text) : [];
  const param = parameters.map(
    (each) => `    ${each.name}: "\${{ input.${each.isMandatory ? '' : '?'}${camel(each.name)} }}"\n`,
  );
  const run = `  script: ${name}\n${param.length > 0 ? `  param:\n${param.join('')}` : ''}`;
  const inputs = parameters.map(inputLine);
  const head = `action: ${connector}.${action}
title: ${titleOf(plain)}
description: ${titleOf(plain)}.
`;
  const input = inputs.length > 0 ? `input:\n${inputs.join('')}` : '';
  const body = reading.test(plain)
    ? `effect: read
${input}look:
${run}  take: answer.body
  type: any # better: the name of a type under \`types\` of connector.yaml, with [] behind it for a list
give:
  found: { value: found, description: What the script gives. }
`
    : `effect: write # or destructive
${input}# look and already say whether it is so already; without them the script never runs twice, and without an answer a person looks.
change:
${run}give:
  did: done
`;
  return { path: `${action}.action.yaml`, text: head + body };
}

const types: Record<string, string> = {
  int: 'integer',
  int32: 'integer',
  int64: 'integer',
  long: 'integer',
  double: 'number',
  decimal: 'number',
  bool: 'boolean',
  switch: 'boolean',
};

function inputLine({ name, type = 'string', isMandatory }: Parameter): string {
  const one = types[type.replace('[]', '')] ?? 'string';
  const shape = type.endsWith('[]') ? `type: array, items: { type: ${one} }` : `type: ${one}`;
  return `  ${camel(name)}: { ${shape}${isMandatory ? '' : ', optional: true'} }\n`;
}

function camel(text: string): string {
  const words = text.split(/[^A-Za-z0-9]+/).filter(Boolean);
  return words
    .map(
      (word, index) =>
        (index === 0 ? word.charAt(0).toLowerCase() : word.charAt(0).toUpperCase()) + word.slice(1),
    )
    .join('');
}

function titleOf(text: string): string {
  const words = text
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .split(/[^A-Za-z0-9]+/)
    .filter(Boolean)
    .join(' ')
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
