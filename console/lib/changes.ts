/** What is different between two versions of what an approver is shown. */
import type { GateDetail, Json } from '../api/types.ts';
import { restOf } from './shown.ts';
import { fieldWords, isSealed, plainText } from './words.ts';

export interface Change {
  what: string;
  before: string;
  after: string;
}

export function gateChanges(before: GateDetail, after: GateDetail): Change[] {
  const shown = compared(flat(visible(before)), flat(visible(after)));
  const previews = compared(previewed(before), previewed(after));
  return [...shown, ...previews];
}

/** What the runbook's author shows, the inputs, and what earlier steps gave. */
function visible({ shown }: GateDetail): Json {
  return {
    ...Object.fromEntries(restOf(shown, {})),
    ...(shown.inputs as object),
    ...(shown.show as object),
  } as Json;
}

function previewed({ preview }: GateDetail): Map<string, string> {
  return new Map(
    (preview?.steps ?? []).map(({ title, summary, action, problems = [], difference }) => [
      title,
      [[summary ?? `would call ${action}`, ...problems].join('; '), ...(difference ? [difference] : [])].join(
        '\n',
      ),
    ]),
  );
}

function compared(before: Map<string, string>, after: Map<string, string>): Change[] {
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((what) => before.get(what) !== after.get(what))
    .map((what) => ({ what, before: before.get(what) ?? 'nothing', after: after.get(what) ?? 'nothing' }));
}

function flat(value: Json, name = '', into = new Map<string, string>()): Map<string, string> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && !isSealed(value)) {
    for (const [key, item] of Object.entries(value)) {
      flat(item, name ? `${name}, ${fieldWords(key).toLowerCase()}` : fieldWords(key), into);
    }
  } else {
    into.set(name, plainText(value));
  }
  return into;
}
