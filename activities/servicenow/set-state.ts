import { type Static, Type } from 'typebox';
import { defined } from '../../plan/defined.ts';
import { defineAction } from '../kit/define-action.ts';
import { ensure } from '../kit/ensure.ts';
import { PermanentFailure } from '../kit/failures.ts';
import type { HttpClient } from '../kit/http.ts';
import { changePath, knownStates, possibleStates, type State, sameState } from './states.ts';
import { type FieldValue, findTicket, recordPath, type Ticket, ticketInput } from './ticket.ts';

const input = Type.Object(
  {
    ...ticketInput,
    state: Type.String({
      minLength: 1,
      description: 'The state to put it into, by its label such as Implement, or by its value such as -1.',
    }),
    closeCode: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'How it was closed, such as successful. Most tickets need it to be closed.',
      }),
    ),
    closeNotes: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'What to say about how it was closed. Most tickets need it to be closed.',
      }),
    ),
  },
  { additionalProperties: false },
);

const output = Type.Object({
  from: Type.String({ description: 'State before.' }),
  to: Type.String({ description: 'State now.' }),
  changed: Type.Boolean({ description: 'True when this step changed it, false when it was there already.' }),
});

type Input = Static<typeof input>;

export const setState = defineAction({
  name: 'servicenow.setState',
  title: 'Put a ticket into a state',
  description:
    'Puts a ticket into a state, if it is not there yet. A change moves as its model allows, any other ticket as its list of states allows.',
  effect: 'write',
  source:
    'ServiceNow Change Management API: Update a change, and Table API: Update a record (from their public documentation; no contract could be had)',
  input,
  output,
  examples: [
    { title: 'The work begins', with: { ticket: '${{ ticket.key }}', state: 'Implement' } },
    {
      title: 'It is done',
      with: {
        ticket: '${{ ticket.key }}',
        state: 'Closed',
        closeCode: 'successful',
        closeNotes: 'The rule is in place and was tested.',
      },
    },
  ],

  ...ensure<Input, HttpClient, Found, Static<typeof output>, State>({
    // Steps before this one may bring it to where it can go on: that it cannot do so yet is no problem.
    look: async (input, { client }) => {
      const found = await foundOf(input, client);
      const isPossible = found.possible.some((state) => sameState(state, input.state));
      if (isPossible || sameState(found.is, input.state)) return found;
      return { ...found, later: await knownStates(client, found.ticket) };
    },
    need: (input, { client }) => foundOf(input, client),
    isDone: ({ is }, { state }) => sameState(is, state),
    problem: ({ ticket, is, possible, later = [] }, { state }) =>
      [...possible, ...later].some((each) => sameState(each, state))
        ? undefined
        : impossible(ticket, is, state, possible),
    change: async ({ ticket, possible }, input, { client }) => {
      const wanted = possible.find((state) => sameState(state, input.state));
      const now = stateOf(await update(client, ticket, wanted?.value ?? input.state, input));
      if (now.value === wanted?.value) return now;
      throw new PermanentFailure(
        `ServiceNow took the change and left ${ticket.number} in ${now.label}: a rule of the instance keeps it there. See the ticket's history, and whether it lacks a field that ${wanted?.label} needs.`,
      );
    },
    // A rule of the instance may have moved it on at once.
    tookHold: ({ is }, { from }) => is.label !== from,
    output: ({ did, before, now, changed }) => ({
      from: before.is.label,
      to: (changed ?? now.is).label,
      changed: did,
    }),
    words: {
      done: ({ ticket, is }) => `${ticket.number} is in ${is.label} already`,
      would: (found, { ticket, state }) => {
        const wanted = [...(found?.possible ?? []), ...(found?.later ?? [])].find((each) =>
          sameState(each, state),
        );
        const waits = found?.later && wanted ? ', once it can go there' : '';
        return `would put ${found?.ticket.number ?? ticket} from ${found?.is.label} into ${wanted?.label ?? state}${waits}`;
      },
    },
  }),
});

interface Found {
  ticket: Ticket;
  is: State;
  /** Where it can go now, where it is not where it should be. */
  possible: State[];
  /** All states that there are, where it cannot go there now. */
  later?: State[];
}

async function foundOf(input: Input, client: HttpClient): Promise<Found> {
  const ticket = await findTicket(client, input, []);
  const is = stateOf(ticket.fields.state);
  return { ticket, is, possible: sameState(is, input.state) ? [] : await possibleStates(client, ticket) };
}

/** Gives the state that the ticket has after it. */
async function update(
  client: HttpClient,
  ticket: Ticket,
  state: string,
  { closeCode, closeNotes }: Input,
): Promise<FieldValue | undefined> {
  const isChange = ticket.table === 'change_request';
  const { body } = await client.send({
    method: 'PATCH',
    path: isChange ? changePath(ticket.sysId) : recordPath(ticket),
    // The Change Management API always answers with both forms of a value.
    ...defined({ query: isChange ? undefined : { sysparm_fields: 'state', sysparm_display_value: 'all' } }),
    body: {
      state,
      ...defined({ close_code: closeCode || undefined, close_notes: closeNotes || undefined }),
    },
  });
  return (body as { result: { state?: FieldValue } }).result.state;
}

function stateOf(field: FieldValue | undefined): State {
  const value = field?.value ?? '';
  return { value, label: field?.display_value ?? value };
}

function impossible({ number, table }: Ticket, from: State, to: string, possible: State[]): string {
  const others = possible.filter(({ value }) => value !== from.value);
  const names = [...new Set(others.map(({ label }) => label))].join(', ');
  const can = names ? `From there it can go to: ${names}.` : 'From there it can go nowhere.';
  const hint =
    table === 'change_request'
      ? ' Correct `state`, or see what the change still lacks.'
      : ' Correct `state`.';
  return `${number} is in ${from.label} and cannot be put into ${to}. ${can}${hint}`;
}
