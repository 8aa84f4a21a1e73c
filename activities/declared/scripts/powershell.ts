/**
 * How a script of PowerShell is given its parameters and gives its objects back. Both go as JSON on standard input and output: nothing is
 * put into the text of a script or of a command line. Source: about_Pwsh, ConvertFrom-Json, ConvertTo-Json (Microsoft Learn), for Windows
 * PowerShell 5.1 and PowerShell 7.
 */
import type { Json, JsonObject } from '../../../plan/plan.ts';

/**
 * What PowerShell runs. Texts come with a character before them, since ConvertFrom-Json of PowerShell 7 makes a date of each text that
 * looks like one. Objects go back on a line of their own, in Base64, so that neither what a script prints nor a code page gets into them.
 */
const wrapper = `$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
function Read-Given($value) {
  if ($value -is [string]) { return $value.Substring(1) }
  if ($value -is [array]) { return ,@($value | ForEach-Object { Read-Given $_ }) }
  if ($value -is [System.Management.Automation.PSCustomObject]) {
    $map = @{}
    foreach ($each in $value.PSObject.Properties) { $map[$each.Name] = Read-Given $each.Value }
    return $map
  }
  return $value
}
$answer = @{}
try {
  $given = Read-Given ([Console]::In.ReadToEnd() | ConvertFrom-Json)
  foreach ($module in $given.modules) { Import-Module $module }
  $parameters = $given.parameters
  $answer.output = @(& ([scriptblock]::Create($given.script)) @parameters)
} catch {
  $answer.error = $_.Exception.GetType().Name
  $answer.message = $_.Exception.Message
}
$how = @{ Depth = 10; Compress = $true; WarningAction = 'SilentlyContinue' }
if ($PSVersionTable.PSVersion.Major -ge 6) { $how.EnumsAsStrings = $true }
$text = ConvertTo-Json -InputObject $answer @how
[Console]::Out.WriteLine()
[Console]::Out.WriteLine('countersign:' + [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes($text)))
`;

export const powershellArguments: readonly string[] = [
  '-NoLogo',
  '-NoProfile',
  '-NonInteractive',
  '-EncodedCommand',
  Buffer.from(wrapper, 'utf16le').toString('base64'),
];

export interface PowershellInput {
  script: string;
  parameters: JsonObject;
  modules: readonly string[];
}

/** In ASCII alone: which code page a console reads by is not known. */
export function powershellInput({ script, parameters, modules }: PowershellInput): string {
  const document = marked({ script, parameters, modules: [...modules] });
  return JSON.stringify(document).replace(
    /[^\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function marked(value: Json): Json {
  if (typeof value === 'string') return `=${value}`;
  if (Array.isArray(value)) return value.map(marked);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, marked(each)]));
}

export interface PowershellAnswer {
  output?: Json[];
  error?: string;
  message?: string;
}

/** Undefined when there is none: it was ended before it could give one. */
export function powershellAnswer(output: string): PowershellAnswer | undefined {
  const line = output.split(/\r?\n/).findLast((each) => each.startsWith('countersign:'));
  if (line === undefined) return undefined;
  try {
    const answer = JSON.parse(
      Buffer.from(line.slice('countersign:'.length), 'base64').toString('utf8'),
      (_, value: unknown) => withoutOldDates(value),
    ) as PowershellAnswer;
    return {
      ...answer,
      ...(answer.output === undefined ? {} : { output: [answer.output].flat() as Json[] }),
    };
  } catch {
    return undefined;
  }
}

/** Windows PowerShell 5.1 writes a moment as `/Date(1767225600000)/`. */
function withoutOldDates(value: unknown): unknown {
  const [, milliseconds] = typeof value === 'string' ? (/^\/Date\((-?\d+)\)\/$/.exec(value) ?? []) : [];
  return milliseconds === undefined ? value : new Date(Number(milliseconds)).toISOString();
}
