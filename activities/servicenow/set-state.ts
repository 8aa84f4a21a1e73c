import { type Static, Type } from 'typebox';
import { defined } from '../../plan/defined.ts';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
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

type Context = ActionContext<HttpClient>;

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

  async run(input, { client, rememberBeforeWrite }: Context) {
    const ticket = await findTicket(client, input, []);
    const is = stateOf(ticket.fields.state);
    const from = await rememberBeforeWrite(async () => is);
    const changed = !sameState(from, input.state);
    if (sameState(is, input.state)) return { from: from.label, to: is.label, changed };
    const possible = await possibleStates(client, ticket);
    const wanted = possible.find((state) => sameState(state, input.state));
    if (!wanted) throw new PermanentFailure(impossible(ticket, is, input.state, possible));
    const now = stateOf(await update(client, ticket, wanted, input));
    if (now.value === wanted.value) return { from: from.label, to: now.label, changed };
    throw new PermanentFailure(
      `ServiceNow took the change and left ${ticket.number} in ${now.label}: a rule of the instance keeps it there. See the ticket's history, and whether it lacks a field that ${wanted.label} needs.`,
    );
  },

  async preview(input, { client }: Context) {
    const ticket = await findTicket(client, input, []);
    const from = stateOf(ticket.fields.state);
    if (sameState(from, input.state))
      return { summary: `${ticket.number} is in ${from.label} already`, nothingToDo: true };
    const wantedOf = (states: State[]) => states.find((state) => sameState(state, input.state));
    const possible = await possibleStates(client, ticket);
    const now = wantedOf(possible);
    // Steps before this one may bring it to where it can go on: that it cannot do so yet is no problem.
    const later = now ?? wantedOf(await knownStates(client, ticket));
    const summary = `would put ${ticket.number} from ${from.label} into ${later?.label ?? input.state}`;
    if (now) return { summary };
    return later
      ? { summary: `${summary}, once it can go there` }
      : { summary, problems: [impossible(ticket, from, input.state, possible)] };
  },

  async verify(input, { client }: Context) {
    const { fields } = await findTicket(client, input, []);
    return sameState(stateOf(fields.state), input.state);
  },
});

/** Gives the state that the ticket has after it. */
async function update(
  client: HttpClient,
  ticket: Ticket,
  { value }: State,
  { closeCode, closeNotes }: Static<typeof input>,
): Promise<FieldValue | undefined> {
  const isChange = ticket.table === 'change_request';
  const { body } = await client.send({
    method: 'PATCH',
    path: isChange ? changePath(ticket.sysId) : recordPath(ticket),
    // The Change Management API always answers with both forms of a value.
    ...defined({ query: isChange ? undefined : { sysparm_fields: 'state', sysparm_display_value: 'all' } }),
    body: {
      state: value,
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
