/**
 * Faults that the engine once had, put back one at a time: the simulator must find each. They change the engine's classes from
 * outside, in the process of the simulator alone; the engine has no switch for them.
 */
import type { Json, JsonObject } from '../../plan/plan.ts';
import { CommandOpener } from '../../workflows/command-opener.ts';
import { Commands } from '../../workflows/commands.ts';
import { engineActivities } from '../../workflows/engine-activities.ts';
import { evaluateTemplate } from '../../workflows/expressions.ts';
import { GateSession } from '../../workflows/gate/session.ts';
import { HandChanges } from '../../workflows/hand-changes.ts';
import type { Vote } from '../../workflows/messages.ts';
import { stepKey } from '../../workflows/occasion.ts';
import { Run } from '../../workflows/run.ts';
import { RunState } from '../../workflows/state.ts';
import { ListNow } from '../../workflows/steps/list-now.ts';
import { UndoScope } from '../../workflows/undo-scope.ts';
import { VirtualPort } from '../../workflows/virtual/port.ts';
import { standIns } from './directory.ts';

export interface Mutant {
  /** Of the issue in which the fault was seen: `17.3`. */
  row: string;
  what: string;
  /** `bench signed` finds it too, as those of issue 16. */
  ofSignatures?: true;
  /** Puts the fault in, and returns what takes it out again. */
  put(): () => void;
}

// biome-ignore lint/suspicious/noExplicitAny: a method of any class, private ones among them.
type Method = (this: any, ...given: any[]) => any;

/** Puts another method in the place of one. */
export function replaced(
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

/** The engine's calls as they were made, and what became of their answers. */
function calling(
  change: (activity: string, input: JsonObject, call: (input: Json) => Promise<Json>) => Promise<Json>,
): () => () => void {
  return replaced(
    VirtualPort,
    'call',
    (original) =>
      function (activity: string, input: JsonObject, options) {
        return change(activity, input, (given) => original.call(this, activity, given, options));
      },
  );
}

export const mutants: Mutant[] = [
  {
    row: '17.1',
    what: 'a batch that stops early says that nothing is left, and nobody looks',
    put: () => {
      const takeOut = [
        replaced(
          VirtualPort,
          'batch',
          (original) =>
            async function (...given) {
              return { ...(await original.apply(this, given)), left: [] };
            },
        )(),
        replaced(ListNow, 'isDone', () => () => true)(),
      ];
      return () => {
        for (const each of takeOut) each();
      };
    },
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
    row: '20',
    what: 'what was done for an item that failed stays, though its list takes it back',
    put: replaced(
      Run,
      'takeBack',
      (original) =>
        async function (...given) {
          if (this.state.journal.at(-1)?.kind !== 'item.failed') await original.apply(this, given);
        },
    ),
  },
  {
    row: '17.5',
    what: 'what was to be taken back, and was stopped, is sent again under its key',
    put: replaced(Run, 'isHalfTakenBack', () => () => false),
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
          );
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
    row: '16.4',
    what: 'whoever signs is not told what was typed by hand',
    put: replaced(
      GateSession,
      'shownNow',
      (original) =>
        function () {
          const { byHand: _, ...shown } = original.call(this);
          return shown;
        },
    ),
  },
  {
    row: '16.4',
    what: 'whoever typed what an action would have found signs for it',
    put: replaced(
      GateSession,
      'barred',
      (original) =>
        function () {
          const barred: Map<string, string> = original.call(this);
          return new Map([...barred].filter(([, why]) => !/^(said by hand|changed "|reported)/.test(why)));
        },
    ),
  },
  {
    row: '16.5',
    what: 'the owner asks whom they like to sign',
    put: replaced(
      GateSession,
      'reassign',
      () =>
        function (from: readonly string[]) {
          this.gate.approvers = from.map((name) => name.toLowerCase());
          return from;
        },
    ),
  },
  {
    row: '16.6',
    what: 'a vote that somebody entered counts before its member was told',
    put: replaced(
      GateSession,
      'counting',
      (original) =>
        function () {
          return { ...original.call(this), now: Number.POSITIVE_INFINITY };
        },
    ),
  },
  {
    row: '16.6',
    what: 'whoever operated the run enters the votes of others',
    put: replaced(
      Commands,
      'checkVote',
      (original) =>
        function (request) {
          const { operators } = this.state as { operators: Set<string> };
          const known = [...operators];
          operators.clear();
          try {
            original.call(this, request);
          } finally {
            for (const each of known) operators.add(each);
          }
        },
    ),
  },
  {
    row: '16.9',
    what: 'the quorum counts only those who are here',
    put: calling((_, { configured: __, ...input }, call) => call(input)),
  },
  {
    row: '16.10',
    what: 'a delegate named for one role is asked in another',
    put: calling(async (activity, input, call) => {
      const answer = await call(input);
      if (activity !== engineActivities.openGate) return answer;
      const { approvers } = answer as { approvers: string[] };
      return { ...(answer as JsonObject), approvers: [...approvers, ...standIns] };
    }),
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
  {
    row: '16.15',
    what: 'what was completed by hand is taken back by itself',
    put: replaced(
      Run,
      'publish',
      (original) =>
        function (occasion, step, result) {
          original.call(this, occasion, step, result);
          const key = stepKey(step, occasion);
          if (step.kind === 'action' && step.undo && this.state.completedByHand.delete(key))
            this.onCompleted(step, step.undo, occasion);
        },
    ),
  },
  {
    row: '16.16',
    what: 'a step is skipped that others behind the signature read',
    put: replaced(
      HandChanges,
      'changesOf',
      (original) =>
        function (parked, decision) {
          return decision.type === 'skip' ? [] : original.call(this, parked, decision);
        },
    ),
  },
  {
    row: '16.17',
    what: 'a command is believed again when its bytes are sent again',
    put: replaced(
      CommandOpener,
      'checked',
      (original) =>
        function (...given) {
          this.used.clear();
          this.lastVotes.clear();
          return original.apply(this, given);
        },
    ),
  },
  {
    row: '16.17',
    what: 'a call is made with what another of the same step was to be made with',
    put: () => {
      const last = new Map<string, Json>();
      return calling((activity, input, call) => {
        const other = last.get(activity);
        if (activity.startsWith('sim.')) last.set(activity, input);
        return call(activity.startsWith('sim.') && other !== undefined ? other : input);
      })();
    },
  },
  {
    row: '20.3',
    ofSignatures: true,
    what: 'approvals count together, whatever was filled in with each',
    put: replaced(
      GateSession,
      'decision',
      (original) =>
        function () {
          const { form } = this.gate;
          delete this.gate.form;
          try {
            return original.call(this);
          } finally {
            if (form) this.gate.form = form;
          }
        },
    ),
  },
  {
    row: '20.3',
    ofSignatures: true,
    what: 'a run goes on with what the first of those who approved filled in',
    put: replaced(
      GateSession,
      'decidedBy',
      (original) =>
        function () {
          const decided = original.call(this);
          const first = this.gate.votes.find((vote: Vote) => vote.form)?.form;
          return decided.form && first ? { ...decided, form: first } : decided;
        },
    ),
  },
  {
    row: '17.13',
    what: 'a called runbook is given what nobody checked',
    put: calling((activity, input, call) =>
      activity === engineActivities.checkInputs
        ? Promise.resolve({ inputs: input.given ?? {} })
        : call(input),
    ),
  },
  {
    row: '17',
    what: 'what a run does depends on what its worker did before',
    put: () => {
      let calls = 0;
      return replaced(
        VirtualPort,
        'call',
        (original) =>
          async function (...given) {
            calls += 1;
            if (calls % 7 === 0) await this.sleep(1);
            return original.apply(this, given);
          },
      )();
    },
  },
  {
    row: '20.1',
    what: 'a part of a run reads the first items of a list that is kept beside it, and not its own',
    put: calling((activity, input, call) =>
      activity === engineActivities.readList
        ? call({ ...input, items: (input.items as number[]).map((_, place) => place) })
        : call(input),
    ),
  },
];
