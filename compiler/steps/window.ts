/** `window`: waits for a change window and does its steps in it. */
import type { Context } from '../scope/compile-session.ts';
import { childOf, type Node, textOf } from '../source/tree.ts';
import { type Reader, readSteps } from './step.ts';

export const readWindow: Reader<'window'> = ({ context, flow, node, id, onError }) => {
  const window = childOf(node, 'window');
  if (window?.kind !== 'map') return undefined;
  const calendar = readCalendar(childOf(window, 'calendar'), context);
  const freezeNode = childOf(window, 'freeze');
  const freeze =
    freezeNode?.kind === 'list' ? freezeNode.items.map((item) => readCalendar(item, context)) : [];
  const needs = context.duration(childOf(window, 'needs'), '`needs`', true);
  const overrun = textOf(childOf(window, 'overrun'));
  // A window that closes too early and goes on leaves its steps undone.
  const guard = `ok ${id}`;
  if (onError === 'continue')
    context.shared.guardWords.set(guard, `the window \`${id}\` may close before it and the run goes on`);
  const inner = (onError === 'continue' ? flow.guarded([guard], []) : flow).inside(id);
  const steps = readSteps(childOf(window, 'steps'), 'a window', inner, context);
  flow.adopt(inner);
  return {
    step: {
      calendar,
      freeze,
      ...(needs ? { needs } : {}),
      overrun: overrun === 'undo' || overrun === 'finish' ? overrun : 'park',
      steps,
    },
  };
};

function readCalendar(node: Node | undefined, context: Context): string {
  const name = textOf(node);
  if (!node || name === undefined) return '';
  context.checkConfigured(node, name, 'calendar', context.known.configuration?.calendars);
  return name;
}
