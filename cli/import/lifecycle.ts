/**
 * A draft from a workflow of Entra Lifecycle Workflows, as Microsoft Graph gives it.
 * Source: Microsoft Graph, "Configure the arguments for built-in Lifecycle Workflow tasks", and the resource `workflow`.
 */
import type { JsonObject } from '../../plan/plan.ts';
import { byHand, type Draft, type DraftStep, literal } from './draft.ts';

interface Task {
  taskDefinitionId?: string;
  displayName?: string;
  description?: string;
  isEnabled?: boolean;
  continueOnError?: boolean;
  executionSequence?: number;
  arguments?: { name?: string; value?: string }[];
}

interface Workflow {
  displayName?: string;
  description?: string;
  category?: string;
  isSchedulingEnabled?: boolean;
  executionConditions?: {
    scope?: { rule?: string };
    trigger?: { timeBasedAttribute?: string; offsetInDays?: number };
  };
  tasks?: Task[];
}

/** Whether this is a workflow as Graph gives it. */
export function isLifecycleWorkflow(value: unknown): value is Workflow {
  const tasks = typeof value === 'object' && value !== null ? (value as Workflow).tasks : undefined;
  return Array.isArray(tasks) && tasks.some((task) => typeof task?.taskDefinitionId === 'string');
}

type Arguments = (name: string) => string | undefined;

/** What a built-in task is here; several steps where it did several things. */
type Translation = (given: Arguments, task: Task) => DraftStep[];

const person = '${{ steps.person.output.id }}';
const manager = '${{ default(steps.person.output.manager.userPrincipalName, run.requester) }}';

function call(title: string, uses: string, more: JsonObject = {}, todo?: string): DraftStep {
  return { title, content: { uses, with: { user: person, ...more } }, todo };
}

function listed(text: string | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

const ids = 'These are object ids, as Entra had them. Names are easier to read and sign.';

function groups(title: string, given: string | undefined): DraftStep[] {
  const all = listed(given);
  return [call(title, 'entra.addToGroups', { groups: all }, all.length === 0 ? 'Say which groups.' : ids)];
}

function leaves(title: string, given: string | undefined): DraftStep[] {
  const all = listed(given);
  if (all.length === 0)
    return [byHand(title, title, 'Say which groups, one step of entra.removeGroupMember each.')];
  return all.map((group) => call(`${title}: ${group}`, 'entra.removeGroupMember', { group }, ids));
}

function mail(to: string, subject: string): Translation {
  return (given, task) => [
    {
      title: task.displayName || subject,
      content: {
        uses: 'mail.send',
        with: {
          to: [to],
          subject: placeholders(given('customSubject') ?? subject),
          text: placeholders(given('customBody') ?? `${subject}.`),
        },
      },
      todo: [
        given('customBody') === undefined ? 'Entra sent its own text here; write yours.' : '',
        given('cc') === undefined ? '' : `It also went to ${given('cc')}: add their addresses as \`cc\`.`,
      ].join(' '),
    },
  ];
}

const known: Record<string, string> = {
  userDisplayName: 'default(steps.person.output.displayName, inputs.person)',
  userPrincipalName: 'steps.person.output.userPrincipalName',
  managerDisplayName: 'default(steps.person.output.manager.displayName, "")',
  managerEmail: 'default(steps.person.output.manager.userPrincipalName, "")',
  temporaryAccessPass: 'steps.pass.output.pass',
};

/** `{{userDisplayName}}` of Entra's mails as an expression; what is not known here stays as it stands. */
function placeholders(text: string): string {
  return literal(text).replace(/\{\{\s*(\w+)\s*\}\}/g, (whole, name: string) =>
    Object.hasOwn(known, name) ? `\${{ ${known[name]} }}` : whole,
  );
}

const translations: Record<string, Translation> = {
  '70b29d51-b59a-4773-9280-8841dfd3f2ea': mail('${{ inputs.person }}', 'Welcome'),
  '3c860712-2d37-42a4-928f-5c93935d26a1': mail(manager, 'Somebody begins soon'),
  'aab41899-9972-422a-9d97-f626014578b7': mail(manager, 'Somebody of your team moves'),
  '52853a3e-f4e5-4eb8-bb24-1ac09a1da935': mail(manager, 'Somebody of your team leaves soon'),
  '9c0a1eaf-5bda-4392-9d9e-6e155bb57411': mail(manager, 'Somebody of your team leaves today'),
  '6f22ddd4-b3a5-47a4-a846-0d7c201a49ce': mail(manager, 'Somebody of your team has left'),
  '1b555e50-7f65-41d5-b514-5894a026d10d': (given, task) => [
    {
      title: 'Make a pass for the first sign-in',
      id: 'pass',
      content: {
        uses: 'entra.createTemporaryAccessPass',
        with: {
          user: person,
          ...(Number(given('tapLifetimeMinutes')) > 0
            ? { lifetimeMinutes: Number(given('tapLifetimeMinutes')) }
            : {}),
          ...(given('tapIsUsableOnce') === undefined
            ? {}
            : { usableOnce: given('tapIsUsableOnce') === 'true' }),
        },
      },
    },
    ...mail(manager, 'Pass for the first sign-in')(
      (name) =>
        name === 'customBody'
          ? (given(name) ??
            'Pass for the first sign-in, to be handed over in person: {{temporaryAccessPass}}')
          : given(name),
      { ...task, displayName: 'Send the pass to the manager' },
    ),
  ],
  '22085229-5809-45e8-97fd-270d28d66910': (given, task) =>
    groups(task.displayName || 'Join groups', given('groupID')),
  // Who is in the group of a team is in the team.
  'e440ed8d-25a1-4618-84ce-091ed5be5594': (given, task) =>
    groups(task.displayName || 'Join teams', given('teamID')),
  '1953a66c-751c-45e5-8bfe-01462c70da3c': (given) => leaves('Leave the group', given('groupID')),
  '06aa7acb-01af-4824-8899-b14e5ed788d6': (given) => leaves('Leave the team', given('teamID')),
  'b3a31406-2a15-4c9a-b25b-a658fa5f07fc': () => [call('Leave all groups', 'entra.removeFromGroups')],
  '6fc52c9d-398b-4305-9763-15f42c1676fc': () => [call('Enable the account', 'entra.enableUser')],
  '1dfdfcc7-52fa-4c2e-bf3a-e3919cc12950': () => [call('Disable the account', 'entra.disableUser')],
  '683c87a4-2ad4-420b-97d4-220d90afcd24': (given) =>
    listed(given('licenses')).map((license) =>
      call(`Assign the licence ${license}`, 'entra.assignLicense', { license }),
    ),
  '8fa97d28-3e52-4985-b3a9-a1126f9b8b4e': () => [call('Remove all licences', 'entra.removeLicenses')],
  '8d18588d-9ad3-4c0f-99d0-ec215f0e3dff': () => [call('Delete the account', 'entra.deleteUser')],
};

/** The workflow as a draft. Somebody signs before anything happens, which Entra did not ask of anybody. */
export function draftOfLifecycle(workflow: Workflow): Draft {
  const title = textOf(workflow.displayName) || 'Lifecycle workflow';
  const all = (workflow.tasks ?? [])
    .map(tidied)
    .sort((a, b) => (a.executionSequence ?? 0) - (b.executionSequence ?? 0));
  const left = all.filter(({ isEnabled }) => isEnabled === false);
  const steps = all.filter(({ isEnabled }) => isEnabled !== false).map((task) => stepsOf(task));
  const hands = steps.flat().filter(({ content }) => 'task' in content).length;
  const { rule } = workflow.executionConditions?.scope ?? {};
  const wait = waitOf(workflow);
  return {
    title,
    kind: kindOf(workflow.category),
    description: textOf(workflow.description) || title,
    origin: `Drafted from the workflow "${title}" of Entra Lifecycle Workflows.`,
    inputs: {
      person: { type: 'string', format: 'email', description: 'Sign-in name of the person' },
      ...(wait ? { day: { type: 'string', format: 'date', description: wait.description } } : {}),
    },
    steps: [...before, ...(wait ? [wait.step] : []), ...steps.flat()],
    todos: [
      'Who operates its runs is `owner`; what starts it is `on`: a ticket, a schedule, or somebody by hand.',
      ...(rule ? [`Entra ran it for whoever fits \`${rule}\`. Here a ticket says for whom.`] : []),
      ...left.map(
        ({ displayName }) =>
          `The task "${displayName || 'without a name'}" was switched off, and is left out.`,
      ),
    ],
    summary: `${steps.flat().length - hands} steps of actions, ${hands} for people.`,
  };
}

const before: DraftStep[] = [
  {
    title: 'Find the person',
    id: 'person',
    content: { uses: 'entra.getUser', with: { user: '${{ inputs.person }}' } },
  },
  {
    title: 'The manager signs off',
    id: 'signoff',
    content: {
      approve: {
        from: ['${{ default(steps.person.output.manager.userPrincipalName, "role:hr") }}'],
        except: ['${{ inputs.person }}'],
        within: '2 business days',
        remind: '1 business day',
        show: { person: '${{ default(steps.person.output.displayName, inputs.person) }}' },
      },
    },
    todo: 'Entra asked nobody. Say who signs, and what they must see.',
  },
];

/** Files are edited by hand too: what is no text is nothing. */
function tidied(task: Task | null): Task {
  const given = Array.isArray(task?.arguments) ? task.arguments : [];
  return {
    ...task,
    displayName: textOf(task?.displayName),
    description: textOf(task?.description),
    arguments: given.map((argument) => ({ name: textOf(argument?.name), value: textOf(argument?.value) })),
  };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.trim() : '';
}

function stepsOf(task: Task): DraftStep[] {
  const given: Arguments = (name) =>
    task.arguments?.find((argument) => argument.name?.toLowerCase() === name.toLowerCase())?.value?.trim() ||
    undefined;
  const translation = translations[String(task.taskDefinitionId).toLowerCase()];
  const title = task.displayName || task.description || 'A task without a name';
  const found = translation?.(given, task) ?? [];
  const steps =
    found.length > 0
      ? found
      : [
          byHand(
            title,
            `${title}. ${task.description ?? ''}`,
            'There is no action for this task of Entra; until you find one, a person does it.',
          ),
        ];
  if (!task.continueOnError) return steps;
  return steps.map((step) =>
    'task' in step.content ? step : { ...step, content: { ...step.content, onError: 'continue' } },
  );
}

function kindOf(category: unknown): string {
  const first = textOf(category).split(',')[0];
  return first === 'joiner' ? 'onboarding' : first === 'leaver' ? 'offboarding' : 'other';
}

const days: Record<string, string> = {
  employeeHireDate: 'First day at work',
  employeeLeaveDateTime: 'Last day at work',
  createdDateTime: 'Day on which the account was made',
};

function waitOf({ executionConditions }: Workflow): { step: DraftStep; description: string } | undefined {
  const { timeBasedAttribute, offsetInDays = 0 } = executionConditions?.trigger ?? {};
  if (timeBasedAttribute === undefined) return undefined;
  const when =
    offsetInDays === 0
      ? 'the day'
      : `${Math.abs(offsetInDays)} ${Math.abs(offsetInDays) === 1 ? 'day' : 'days'} ${offsetInDays < 0 ? 'before' : 'after'} the day`;
  const until = offsetInDays === 0 ? '${{ inputs.day }}' : `\${{ addDays(inputs.day, ${offsetInDays}) }}`;
  return {
    description: days[timeBasedAttribute] ?? `Day that ${timeBasedAttribute} of the person says`,
    step: { title: `Wait until ${when}`, id: 'moment', content: { wait: { until } } },
  };
}
