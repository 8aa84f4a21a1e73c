/** How things stand over all runs: what parked, grouped by why, what is overdue, how old gates are, how long runbooks take. */
import { defined } from '../../plan/defined.ts';
import type { ParkedStepRow } from '../../store/overview.ts';
import { isAddressedTo } from '../../workflows/addressed-to.ts';
import type { Principal } from '../../workflows/messages.ts';
import { gives } from '../schemas/answers.ts';
import { boolean, listOf, mapOf, moment, object, text } from '../schemas/dsl.ts';
import { stuckMessage, stuckMessages } from './messages.ts';
import { lookingAs, type Routes, who } from './request.ts';

/** Of parked steps looked at; whoever has more finds them in the list. */
const mostParked = 1_000;

const count = { type: 'integer' };
const length = { type: 'integer', description: 'Milliseconds.' };

const parkedGroup = object(
  {
    runbook: text(),
    title: text('Of the runbook.'),
    step: text('Id in the runbook, without the item.'),
    stepTitle: text(),
    message: text('Why they parked, in the service’s words.'),
    mayOperate: boolean('Whether whoever asks may decide about them.'),
    steps: listOf(
      object({
        run: text(),
        'subject?': text(),
        'ticket?': text('Its key.'),
        step: text('As commands name it.'),
        since: moment,
      }),
    ),
  },
  'Steps of one runbook that parked for one reason.',
);

const overview = object({
  parked: listOf(parkedGroup),
  'messages?': {
    ...listOf(stuckMessage),
    description: 'That could not be sent yet, the oldest first. For people who operate a runbook.',
  },
  'standing?': object(
    {
      live: mapOf(count, 'Runs that have not ended, by status.'),
      overdue: { ...count, description: 'Signatures and tasks whose time has passed.' },
      gates: object({ open: count, 'median?': length, 'oldest?': length }),
      durations: listOf(
        object({
          runbook: text(),
          title: text(),
          ended: count,
          succeeded: count,
          median: length,
          longest: length,
        }),
      ),
    },
    'For people who have a role.',
  ),
});

export const overviewRoutes: Routes = {
  for: 'signed in',
  add(api, parts) {
    const { store } = parts;
    api.get(
      '/overview',
      { schema: { summary: 'How things stand', tags: ['runs'], response: gives(overview) } },
      async (request) => {
        const asker = who(request);
        const hasRole = asker.roles.length > 0;
        const [parked, standing, messages] = await Promise.all([
          store.overview.parked(mostParked, hasRole ? undefined : asker.id),
          hasRole ? store.overview.standing() : undefined,
          stuckMessages(request, parts),
        ]);
        return {
          parked: groupsOf(parked, lookingAs(request) === undefined ? asker : undefined),
          ...defined({ standing, messages }),
        };
      },
    );
  },
};

/** The largest group first. */
function groupsOf(parked: readonly ParkedStepRow[], operator: Principal | undefined) {
  const groups = new Map<string, ParkedStepRow[]>();
  for (const row of parked) {
    const key = JSON.stringify([row.runbook, stepOf(row.step), row.message]);
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups.values()]
    .sort((a, b) => b.length - a.length)
    .map((rows) => {
      const [first] = rows as [ParkedStepRow];
      return {
        runbook: first.runbook,
        title: first.title,
        step: stepOf(first.step),
        stepTitle: first.stepTitle,
        message: first.message,
        mayOperate: operator !== undefined && rows.every(({ owner }) => isAddressedTo(owner, operator)),
        steps: rows.map(({ run, step, since, subject, ticket }) => ({
          run,
          step,
          since,
          ...defined({ subject, ticket: ticket?.key }),
        })),
      };
    });
}

/** Without the items that the step is one of. */
function stepOf(key: string): string {
  return key.replace(/\[[^\]]*\]/g, '');
}
