/**
 * Faults that the engine once had, put back one at a time: the simulator must find each. They change the engine's classes from
 * outside, in the process of the simulator alone; the engine has no switch for them.
 */
import type { Json } from '../../plan/plan.ts';
import { evaluateTemplate } from '../../workflows/expressions.ts';
import { GateSession } from '../../workflows/gate/session.ts';
import { HandChanges } from '../../workflows/hand-changes.ts';
import { Run } from '../../workflows/run.ts';
import { RunState } from '../../workflows/state.ts';
import { UndoScope } from '../../workflows/undo-scope.ts';
import { VirtualPort } from '../../workflows/virtual/port.ts';

export interface Mutant {
  /** Of the issue in which the fault was seen: `17.3`. */
  row: string;
  what: string;
  /** Puts the fault in, and returns what takes it out again. */
  put(): () => void;
}

// biome-ignore lint/suspicious/noExplicitAny: a method of any class, private ones among them.
type Method = (this: any, ...given: any[]) => any;

function replaced(
  owner: { prototype: object },
  name: string,
  make: (original: Method) => Method,
): () => () => void {
  return () => {
    const methods = owner.prototype as Record<string, Method>;
    const original = methods[name];
    if (!original) throw new Error(`there is no method ${name} to put a fault into`);
    methods[name] = make(original);
    return () => {
      methods[name] = original;
    };
  };
}

export const mutants: Mutant[] = [
  {
    row: '17.1',
    what: 'a batch that stops early says that nothing is left',
    put: replaced(
      VirtualPort,
      'batch',
      (original) =>
        async function (...given) {
          return { ...(await original.apply(this, given)), left: [] };
        },
    ),
  },
  {
    row: '17.2',
    what: 'an abort does not wait for the write under way',
    put: replaced(
      VirtualPort,
      'call',
      (original) =>
        function (...given) {
          return this.cancellable(() => original.apply(this, given));
        },
    ),
  },
  {
    row: '17.3',
    what: 'a window takes back what others did beside it',
    put: replaced(UndoScope, 'isWithin', () => () => true),
  },
  {
    row: '17.4',
    what: 'progress is kept under a key that is not the round of it',
    put: replaced(
      Run,
      'progressOf',
      (original) =>
        function (key: string, ...rest) {
          return original.call(this, key.replace(/(\.\d+)+/g, ''), ...rest);
        },
    ),
  },
  {
    row: '17.5',
    what: 'what takes a step back is computed when it is taken back',
    put: replaced(
      Run,
      'onCompleted',
      (original) =>
        function (step, call, occasion) {
          original.call(this, step, call, occasion);
          const last = this.undoLog.entries.at(-1);
          const [made] = last?.calls ?? [];
          if (last?.step !== step || !made) return;
          const variables = { ...occasion.variables, inputs: this.boundInputs };
          Object.defineProperty(made, 'input', {
            get: (): Json => evaluateTemplate(call.with, variables) ?? null,
          });
        },
    ),
  },
  {
    row: '17.6',
    what: 'one event ends two waits',
    put: replaced(
      RunState,
      'takeEvent',
      () =>
        function (name: string, key: string) {
          return this.events.find(
            (event: { name: string; key: string }) => event.name === name && event.key === key,
          )?.data;
        },
    ),
  },
  {
    row: '17.7',
    what: 'a write whose outcome is not known is not named',
    put: replaced(RunState, 'notAnswered', () => () => {}),
  },
  {
    row: '17.14',
    what: 'a runbook called for an item of a list parks',
    put: replaced(
      VirtualPort,
      'child',
      (original) =>
        function ({ failFast: _, ...start }, options) {
          return original.call(this, start, options);
        },
    ),
  },
  {
    row: '16.1',
    what: 'what is amended after the signature is in force at once',
    put: replaced(HandChanges, 'gatesFor', () => () => []),
  },
  {
    row: '16.2',
    what: 'an amend while people are asked leaves their votes',
    put: replaced(GateSession, 'refresh', () => () => {}),
  },
  {
    row: '16.3',
    what: 'a step is retried with another input that nobody signed',
    put: replaced(HandChanges, 'gatesOf', () => () => []),
  },
  {
    row: '16.8',
    what: 'only whoever changed something last is kept from signing',
    put: replaced(
      GateSession,
      'barred',
      (original) =>
        function () {
          const barred: Map<string, string> = original.call(this);
          const { hands } = this.occasion.run.state as { hands: { by: string }[] };
          for (const { by } of hands.slice(0, -1)) if (by !== hands.at(-1)?.by) barred.delete(by);
          return barred;
        },
    ),
  },
  {
    row: '16.9',
    what: 'one person decides for all who were to sign',
    put: replaced(
      GateSession,
      'decideNow',
      (original) =>
        function () {
          if (this.gate.hash !== '') this.gate.needed = 1;
          original.call(this);
        },
    ),
  },
];
