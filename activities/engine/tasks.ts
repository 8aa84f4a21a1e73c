/** Asking people to do something by hand, reminding them, and taking it further when it is late. */
import { ApplicationFailure } from '@temporalio/common';
import { resolvePeople } from '../../organisation/people.ts';
import { defined, unlessEmpty } from '../../plan/defined.ts';
import type { About } from '../../plan/message.ts';
import type { CallContext } from '../../plan/plan.ts';
import type {
  ChaseTaskInput,
  ChaseTaskResult,
  OpenTaskInput,
  OpenTaskResult,
} from '../../workflows/engine-activities.ts';
import { rolesIn } from './gate-words.ts';
import { type EngineServices, localTime, noticeId, tell } from './services.ts';

export async function openTask(
  input: OpenTaskInput,
  call: CallContext,
  services: EngineServices,
): Promise<OpenTaskResult> {
  const except = resolvePeople(input.except ?? [], services.roles());
  const asked = resolvePeople(input.to, services.roles());
  const people = asked.filter((person) => !except.includes(person));
  if (people.length === 0 && asked.length > 0)
    throw ApplicationFailure.nonRetryable(
      `Only ${asked.join(', ')} could do it, whom the runbook leaves out. Name somebody else under the roles that are asked, then retry this step.`,
      'PermanentFailure',
    );
  const deadline = input.due ?? (input.within && services.calendars().after(input.openedAt, input.within));
  await tell(call, services, {
    step: input.step,
    what: 'task',
    id: noticeId(call, 'task', [input.openedAt]),
    to: people,
    subject: `Please do: ${input.title} (${input.runbookTitle})`,
    text: textOf(input, deadline, call, services),
    about: aboutTask(input.step, deadline, call, input.to),
  });
  return { people, ...defined({ deadline, except: unlessEmpty(except) }) };
}

export async function chaseTask(
  input: ChaseTaskInput,
  call: CallContext,
  services: EngineServices,
): Promise<ChaseTaskResult> {
  const { step, title, runbookTitle, openedAt, people, deadline, escalate, late, time } = input;
  const text = textOf(input, deadline, call, services);
  const about = aboutTask(step, deadline, call, escalate === undefined ? [] : [escalate]);
  if (escalate === undefined) {
    await tell(call, services, {
      step,
      what: 'remind',
      id: noticeId(call, 'task', [openedAt, 'remind', time]),
      to: people,
      subject: `Reminder: ${title} (${runbookTitle})`,
      text,
      about,
    });
    return { people: [] };
  }
  const except = resolvePeople(input.except ?? [], services.roles());
  const others = resolvePeople([escalate], services.roles()).filter(
    (person) => !except.includes(person) && !people.includes(person),
  );
  const since = late === undefined ? '' : ` on ${localTime(late, services.calendars().timezone)}`;
  const opened = localTime(openedAt, services.calendars().timezone);
  await tell(call, services, {
    step,
    what: 'escalate',
    id: noticeId(call, 'task', [openedAt, 'late']),
    // Those who were asked first hear that it is late, and who is asked too.
    to: [...people, ...others],
    subject: `Late: ${title} (${runbookTitle})`,
    text: [
      `${people.join(', ')} ${people.length === 1 ? 'was' : 'were'} asked on ${opened}, and it was due${since}.${others.length > 0 ? ` ${others.join(', ')} ${others.length === 1 ? 'is' : 'are'} asked too.` : ''}`,
      '',
      text,
    ].join('\n'),
    about,
  });
  return { people: others };
}

function textOf(
  { step, instructions }: Pick<OpenTaskInput, 'step' | 'instructions'>,
  deadline: number | undefined,
  call: CallContext,
  services: EngineServices,
): string {
  return [
    instructions,
    '',
    ...(deadline === undefined
      ? []
      : [`Please do it by ${localTime(deadline, services.calendars().timezone)}.`]),
    reporting(call, step),
  ].join('\n');
}

function reporting({ run }: CallContext, step: string): string {
  return `Report it: countersign complete ${run} ${step}`;
}

function aboutTask(
  step: string,
  deadline: number | undefined,
  call: CallContext,
  asked: readonly string[],
): About {
  const commands = [reporting(call, step)];
  return { page: 'task', id: call.run, step, commands, ...defined({ deadline, roles: rolesIn(asked) }) };
}
