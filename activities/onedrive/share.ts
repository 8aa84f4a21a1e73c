import { Type } from 'typebox';
import { defined } from '../../plan/defined.ts';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import { type GraphClient, successOf } from '../kit/graph/client.ts';
import { cannotSignIn, findUser, nameOf, userThatMustExist } from '../kit/graph/users.ts';
import { type Permission, permissionsOf, receiverOf, rootOf, userField } from './drive.ts';

const dayMs = 24 * 60 * 60_000;

const input = Type.Object(
  {
    user: userField,
    to: Type.String({
      minLength: 1,
      description: 'Whoever may read and change the files: sign-in name, e-mail address or object id.',
    }),
    days: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 3_650, description: 'For how many days. Unless given, for good.' }),
    ),
  },
  { additionalProperties: false },
);

const output = Type.Object({
  granted: Type.Boolean({ description: 'True when this step shared it, false when it was shared already.' }),
  url: Type.Optional(
    Type.String({ description: 'Address at which the files are; absent when there are none.' }),
  ),
  skipped: Type.Optional(
    Type.String({ description: 'Why nothing was done, for a person without a OneDrive.' }),
  ),
});

type Context = ActionContext<GraphClient>;

export const share = defineAction({
  name: 'onedrive.share',
  title: 'Share the files of a person',
  description:
    'Lets somebody read and change all files in the OneDrive of another person. Nobody is sent a mail about it.',
  effect: 'write',
  source: 'Microsoft Graph: Send a sharing invitation',
  input,
  output,
  undo: 'onedrive.unshare',
  examples: [
    {
      title: 'With the manager for a month',
      with: { user: 'a.lee@example.com', to: 'm.roth@example.com', days: 30 },
    },
  ],

  async run({ user, to, days }, { client, rememberBeforeWrite }: Context) {
    const person = await userThatMustExist(client, user, []);
    const receiver = await receiverOf(client, to);
    const root = await rootOf(client, person);
    if (!root) return { granted: false, skipped: noDrive(nameOf(person)) };
    const had = await permissionsOf(client, root, receiver);
    const isShared = had.some((permission) => isEnough(permission, days));
    const wasShared = await rememberBeforeWrite(async () => isShared);
    if (isShared) return { granted: !wasShared, url: root.url };
    const body = {
      recipients: [{ objectId: receiver.id }],
      roles: ['write'],
      requireSignIn: true,
      sendInvitation: false,
      ...defined({
        expirationDateTime: days ? new Date(Date.now() + days * dayMs).toISOString() : undefined,
      }),
    };
    successOf(await client.ask('POST', `${root.path}/invite`, { body }));
    return { granted: !wasShared, url: root.url };
  },

  async preview({ user, to, days }, { client }: Context) {
    const person = await findUser(client, user, []);
    const receiver = await receiverOf(client, to);
    const root = person && (await rootOf(client, person));
    const name = person ? nameOf(person) : user;
    if (!root) return { summary: `would skip ${name}: ${noDrive(name)}`, nothingToDo: true };
    const had = await permissionsOf(client, root, receiver);
    if (had.some((permission) => isEnough(permission, days)))
      return {
        summary: `the files of ${name} are shared with ${nameOf(receiver)} already`,
        nothingToDo: true,
      };
    const time = days ? ` for ${days} day${days === 1 ? '' : 's'}` : '';
    return {
      summary: `would share the files of ${name} with ${nameOf(receiver)}${time}`,
      ...defined({ problems: cannotSignIn(receiver) }),
    };
  },

  async verify({ user, to, days }, { client }: Context) {
    const person = await userThatMustExist(client, user, []);
    const root = await rootOf(client, person);
    if (!root) return true;
    const had = await permissionsOf(client, root, await receiverOf(client, to));
    return had.some((permission) => isEnough(permission, days));
  },
});

function noDrive(name: string): string {
  return `${name} has no OneDrive, so that there are no files to share.`;
}

/** A day less will do: the time is reckoned from when it was first tried. */
function isEnough({ roles, expirationDateTime }: Permission, days: number | undefined): boolean {
  if (!roles.some((role) => role === 'write' || role === 'owner')) return false;
  // The service writes "never" as a date long ago.
  const until = Date.parse(expirationDateTime ?? '');
  if (Number.isNaN(until) || until < 0) return true;
  return days !== undefined && until >= Date.now() + (days - 1) * dayMs;
}
