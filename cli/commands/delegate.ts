/** Naming somebody who signs for you for a time, taking it back, and looking at what stands. */
import type { KeptDelegation } from '../../store/delegations.ts';
import { Api } from '../api-client.ts';
import { usage } from '../exit.ts';
import { apiOptions, type Options, text } from './options.ts';

interface Answer {
  delegations: KeptDelegation[];
  roles: { role: string; mayName: string[] }[];
  today: string;
  problem?: string;
}

export async function delegate([what, of = '']: string[], options: Options): Promise<void> {
  const api = await Api.connect(apiOptions(options));
  if (what === 'end') {
    if (!/^\d+$/.test(of)) throw usage('Which? The number is in the list: countersign delegate');
    await api.post(`/delegations/${of}/end`, {});
  } else if (what !== undefined) await name(what, api, options);
  const answer = await api.get<Answer>('/delegations');
  console.log(options.json ? JSON.stringify(answer) : listText(answer));
}

async function name(role: string, api: Api, options: Options): Promise<void> {
  const [to, from, until] = ['to', 'from', 'until'].map((option) => text(options, option));
  if (to === undefined || from === undefined || until === undefined)
    throw usage('Say who, and from and until which day: --to EMAIL --from 2026-08-03 --until 2026-08-14.');
  await api.post('/delegations', { role: role.replace(/^role:/, ''), delegate: to, from, to: until });
}

function listText({ delegations, roles, today, problem }: Answer): string {
  const standing = delegations.filter(({ ended, to }) => !ended && to >= today);
  return [
    ...(problem ? [`Nobody stands in by this: ${problem}`] : []),
    ...(standing.length === 0 ? ['Nobody stands in for anybody in your roles.'] : []),
    ...standing.map(
      ({ id, person, delegate: by, role, from, to }) =>
        `${String(id).padStart(4)}  ${by} signs for ${person} in role:${role}, ${from} to ${to}`,
    ),
    ...roles.map(
      ({ role, mayName }) => `For you in role:${role} can sign: ${mayName.join(', ') || 'nobody'}`,
    ),
  ].join('\n');
}
