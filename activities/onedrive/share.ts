import { type Static, Type } from 'typebox';
import { defined } from '../../plan/defined.ts';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import { ensure } from '../kit/ensure.ts';
import { type GraphClient, successOf } from '../kit/graph/client.ts';
import { cannotSignIn, findUser, type GraphUser, nameOf, userThatMustExist } from '../kit/graph/users.ts';
import { type Permission, permissionsOf, type Root, receiverOf, rootOf, userField } from './drive.ts';

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

  ...ensure<Static<typeof input>, GraphClient, Sharing, Static<typeof output>>({
    look: (input, context) => sharingOf(input, context, findUser),
    need: (input, context) => sharingOf(input, context, userThatMustExist),
    isDone: ({ root, isShared }) => root === undefined || isShared,
    change: async ({ root, receiver }, { days }, { client }) => {
      const body = {
        recipients: [{ objectId: receiver.id }],
        roles: ['write'],
        requireSignIn: true,
        sendInvitation: false,
        ...defined({
          expirationDateTime: days ? new Date(Date.now() + days * dayMs).toISOString() : undefined,
        }),
      };
      successOf(await client.ask('POST', `${root?.path}/invite`, { body }));
    },
    output: ({ did, now: { root, name } }) =>
      root ? { granted: did, url: root.url } : { granted: false, skipped: noDrive(name) },
    words: {
      done: ({ root, name, receiver }) =>
        root
          ? `the files of ${name} are shared with ${nameOf(receiver)} already`
          : `would skip ${name}: ${noDrive(name)}`,
      would: (sharing, { user, to, days }) => {
        const time = days ? ` for ${days} day${days === 1 ? '' : 's'}` : '';
        return `would share the files of ${sharing?.name ?? user} with ${sharing ? nameOf(sharing.receiver) : to}${time}`;
      },
      warnings: (sharing) => cannotSignIn(sharing?.receiver),
    },
  }),
});

interface Sharing {
  name: string;
  receiver: GraphUser;
  /** Absent where there is no OneDrive. */
  root?: Root;
  isShared: boolean;
}

async function sharingOf(
  { user, to, days }: Static<typeof input>,
  { client }: ActionContext<GraphClient>,
  find: typeof findUser,
): Promise<Sharing> {
  const person = await find(client, user, []);
  const receiver = await receiverOf(client, to);
  const root = person && (await rootOf(client, person));
  const had = root ? await permissionsOf(client, root, receiver) : [];
  return {
    name: person ? nameOf(person) : user,
    receiver,
    ...defined({ root }),
    isShared: had.some((permission) => isEnough(permission, days)),
  };
}

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
