/** `window`: waits for a change window and does its steps in it. */
import { defined } from '../../plan/defined.ts';
import type { CompileSession } from '../scope/compile-session.ts';
import { childOf, type Node, textOf } from '../source/tree.ts';
import type { Reader } from './step-reading.ts';

export const readWindow: Reader<'window'> = ({ reading, node, id, onError, readSteps }) => {
  const window = childOf(node, 'window');
  if (window?.kind !== 'map') return undefined;
  const calendar = readCalendar(childOf(window, 'calendar'), reading.session);
  const freezeNode = childOf(window, 'freeze');
  const freeze =
    freezeNode?.kind === 'list' ? freezeNode.items.map((item) => readCalendar(item, reading.session)) : [];
  const needs = reading.session.duration(childOf(window, 'needs'), '`needs`', true);
  const overrun = textOf(childOf(window, 'overrun'));
  // A window that closes too early and goes on leaves its steps undone.
  const guard = `ok ${id}`;
  if (onError === 'continue')
    reading.session.shared.guardWords.set(
      guard,
      `the window \`${id}\` may close before it and the run goes on`,
    );
  const inner = (onError === 'continue' ? reading.guarded([guard], []) : reading).inside(id);
  const steps = readSteps(childOf(window, 'steps'), 'a window', inner);
  reading.adopt(inner);
  return {
    step: {
      calendar,
      freeze,
      ...defined({ needs }),
      overrun: overrun === 'undo' || overrun === 'finish' ? overrun : 'park',
      steps,
    },
  };
};

function readCalendar(node: Node | undefined, session: CompileSession): string {
  const name = textOf(node);
  if (!node || name === undefined) return '';
  session.checkConfigured(node, name, 'calendar', session.surroundings.configuration?.calendars);
  return name;
}
