/** Who somebody is whose address a ticket system hides: the configuration may say it of an account. */
import { addressOf } from '../plan/address.ts';
import type { Principal } from '../workflows/messages.ts';
import { object, type Reading, text } from './ticket-system.ts';

/** `tickets`, ticket system -> its settings, as the configuration has them. */
type Settings = Readonly<Record<string, unknown>>;

/** The same with everybody by their address whose account is listed under `people`; everybody else stays who they were. */
export function withPeopleKnown(reading: Reading, settings: Settings): Reading {
  if ('notForUs' in reading) return reading;
  if ('edit' in reading) return { edit: { ...reading.edit, by: known(reading.edit.by, settings) } };
  if ('deletion' in reading)
    return { deletion: { ...reading.deletion, by: known(reading.deletion.by, settings) } };
  const { transition } = reading;
  const [by, requester] = [known(transition.by, settings), known(transition.requester, settings)];
  return { transition: { ...transition, by, requester } };
}

/** By `jira:ACCOUNT`, as a principal without an address is called. */
function known(person: Principal, settings: Settings): Principal {
  const [system = '', ...account] = person.id.split(':');
  const people = object(object(settings[system])?.people) ?? {};
  const name = account.join(':');
  const address = Object.hasOwn(people, name) ? addressOf(text(people[name])) : undefined;
  return address === undefined ? person : { ...person, id: address };
}
