/** Reads a run of a script, and the script itself: its text is a part of what is compiled. */
import type { DeclaredProgram, DeclaredRequest, DeclaredScript } from '../../plan/declared.ts';
import { errorText } from '../../plan/error-text.ts';
import type { Template } from '../../plan/plan.ts';
import { sha256 } from '../../plan/sha256.ts';
import * as codes from '../diagnostics/registry/connectors.ts';
import type { CompileSession } from '../scope/compile-session.ts';
import { childOf, entryOf, type MapNode, type Node, setOwn, textOf } from '../source/tree.ts';
import type { ActionReading } from './action-reading.ts';
import type { ScriptsOf } from './read-program.ts';

/** A run of a script, in the place of a request. Undefined when it cannot be read, which is reported. */
export function readScript(
  node: MapNode,
  kind: { where: string; sealed?: boolean },
  reading: ActionReading,
): DeclaredRequest | undefined {
  const { session, around } = reading;
  const entry = entryOf(node, 'script');
  const name = textOf(entry?.value);
  if (!entry || name === undefined || !around.scripts) return undefined;
  const param: Record<string, Template> = {};
  const given = childOf(node, 'param');
  for (const { key, value } of given?.kind === 'map' ? given.entries : [])
    setOwn(param, key, reading.template(value, { where: `\`${key}\``, sealed: kind.sealed ?? false }));
  const script = scriptOf(name, entry.value, around.scripts, session);
  if (script) {
    setOwn(reading.scripts, name, script);
    if (around.scripts.program.by === 'powershell') checkParameters(script.text, given, entry.value, session);
  }
  return { method: 'RUN', path: name, param };
}

function scriptOf(
  name: string,
  at: Node,
  scripts: ScriptsOf,
  session: CompileSession,
): DeclaredScript | undefined {
  const report = (why: string) => session.report(codes.noScript, at, { name, why });
  if (!/^[A-Za-z0-9][\w-]*(?:[./][A-Za-z0-9][\w-]*)*$/.test(name)) {
    report('a script is a file of this folder: `assign.ps1`, or `scripts/assign.ps1`');
    return undefined;
  }
  try {
    const text = scripts.read(name);
    return text === undefined ? undefined : { text, sha256: sha256(allowedText(text, scripts.program)) };
  } catch (error) {
    report(errorText(error));
    return undefined;
  }
}

/** Whoever allows a script has read what runs it, too: another program would make something else of the same text. */
function allowedText(text: string, { by, program, modules }: DeclaredProgram): string {
  return JSON.stringify([by, program, modules, text]);
}

export interface Parameter {
  name: string;
  isMandatory: boolean;
  /** As PowerShell names it, in small letters: `string`, `int`, `string[]`. */
  type: string | undefined;
}

/** Held to the `param` block of the script: PowerShell takes names in any case. */
function checkParameters(text: string, given: Node | undefined, at: Node, session: CompileSession): void {
  const known = parametersOf(text);
  const entries = given?.kind === 'map' ? given.entries : [];
  const isNamed = (name: string) => known.some((each) => each.name.toLowerCase() === name.toLowerCase());
  for (const { key, keyRange } of entries)
    if (!isNamed(key))
      session.report(codes.scriptParameter, keyRange, {
        what: `The script has no parameter \`${key}\`. It has ${known.map(({ name }) => name).join(', ') || 'none: add a `param` block at its top'}.`,
      });
  for (const { name, isMandatory } of known)
    if (isMandatory && !entries.some(({ key }) => key.toLowerCase() === name.toLowerCase()))
      session.report(codes.scriptParameter, at, {
        what: `The script must be given ${name}, which is a mandatory parameter of it. Add it under \`param\`.`,
      });
}

/** The names in the `param (…)` block, without what stands in comments, attributes and default values. */
export function parametersOf(text: string): Parameter[] {
  const plain = text.replace(/<#[\s\S]*?#>/g, ' ').replace(/(^|\s)#[^\n]*/g, '$1');
  const begin = /\bparam\s*\(/i.exec(plain);
  if (!begin) return [];
  const parts: string[] = [''];
  let depth = 1;
  let quote = '';
  for (const character of plain.slice(begin.index + begin[0].length)) {
    if (quote) {
      if (character === quote) quote = '';
    } else if (character === "'" || character === '"') quote = character;
    else if ('([{'.includes(character)) depth++;
    else if (')]}'.includes(character)) depth--;
    if (depth === 0) break;
    if (character === ',' && depth === 1 && !quote) parts.push('');
    else parts[parts.length - 1] += character;
  }
  return parts.flatMap((part) => {
    // The attributes before the name say whether it is mandatory; types and attributes hold no variable of their own but $true and $false.
    const name = part
      .replace(/\[[^[\]]*(?:\[[^[\]]*\][^[\]]*)*\]/g, ' ')
      .split('=')[0]
      ?.match(/\$([A-Za-z_]\w*)/)?.[1];
    const isMandatory = /\bMandatory\b(?!\s*=\s*\$false)/i.test(part);
    const type = part.match(/\[([A-Za-z][\w.]*(?:\[\])?)\]\s*\$/)?.[1]?.toLowerCase();
    return name === undefined ? [] : [{ name, isMandatory, type }];
  });
}
