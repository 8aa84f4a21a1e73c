/** The states of a ticket: of a change those that its model lets it go to, of any other ticket those that can be chosen. */
import type { HttpClient } from '../kit/http.ts';
import type { Ticket } from './ticket.ts';

export interface State {
  value: string;
  label: string;
}

/** Where a ticket can go from the state that it is in. Several labels may stand for one value, one a language. */
export function possibleStates(client: HttpClient, ticket: Ticket): Promise<State[]> {
  return ticket.table === 'change_request' ? nextStates(client, ticket.sysId) : choices(client, ticket.table);
}

/** All states of the ticket's table, whether or not it can go there from where it is. */
export function knownStates(client: HttpClient, { table }: Ticket): Promise<State[]> {
  return choices(client, table);
}

/** Change Management API: Retrieve next states. */
async function nextStates(client: HttpClient, sysId: string): Promise<State[]> {
  const { body } = await client.send({ method: 'GET', path: `${changePath(sysId)}/nextstates` });
  const { available_states: available = [], state_label: labels = {} } = (
    body as { result: { available_states?: string[]; state_label?: Record<string, string> } }
  ).result;
  return available.map((value) => ({ value, label: labels[value] ?? value }));
}

/** Table API: Retrieve records, of the choice lists. A table without a list of its own has that of tasks. */
async function choices(client: HttpClient, table: string): Promise<State[]> {
  const all = await choicesOf(client, table);
  return all.length > 0 || table === 'task' ? all : choicesOf(client, 'task');
}

const pageSize = 200;

async function choicesOf(client: HttpClient, table: string): Promise<State[]> {
  const found: State[] = [];
  for (let offset = 0; ; offset += pageSize) {
    const { body } = await client.send({
      method: 'GET',
      path: '/api/now/table/sys_choice',
      query: {
        sysparm_query: `name=${table}^element=state^inactive=false^ORDERBYsequence`,
        sysparm_fields: 'value,label',
        sysparm_limit: pageSize,
        sysparm_offset: offset,
      },
    });
    const { result } = body as { result: State[] };
    found.push(...result);
    if (result.length < pageSize) return found;
  }
}

export function changePath(sysId: string): string {
  return `/api/sn_chg_rest/change/${sysId}`;
}

/** By label or by value, as people write them. */
export function sameState(state: State, wanted: string): boolean {
  const text = wanted.trim().toLowerCase();
  return state.label.trim().toLowerCase() === text || state.value === text;
}
