/** Automatic replies of a mailbox (mailboxSettings and automaticRepliesSetting resource types). */
import { type GraphClient, successOf } from '../kit/graph/client.ts';
import type { GraphUser } from '../kit/graph/users.ts';

/** Graph's dateTimeTimeZone. */
interface Moment {
  dateTime: string;
  timeZone?: string | null;
}

export interface AutoReply {
  status: 'disabled' | 'alwaysEnabled' | 'scheduled';
  externalAudience?: 'none' | 'contactsOnly' | 'all';
  internalReplyMessage?: string | null;
  externalReplyMessage?: string | null;
  scheduledStartDateTime?: Moment;
  scheduledEndDateTime?: Moment;
}

/** Whose reply it is, and the reply. */
export interface AutoReplyOf {
  /** Object id of the person. */
  id: string;
  reply: AutoReply;
}

/** Undefined when there is no mailbox. */
export async function findAutoReply(
  client: GraphClient,
  { id }: Pick<GraphUser, 'id'>,
): Promise<AutoReplyOf | undefined> {
  const settings = await client.find<{ automaticRepliesSetting: AutoReply }>(pathOf(id), {
    query: { $select: 'automaticRepliesSetting' },
  });
  return settings && { id, reply: settings.automaticRepliesSetting };
}

export async function setAutoReplyOf(
  client: GraphClient,
  { id }: Pick<AutoReplyOf, 'id'>,
  automaticRepliesSetting: AutoReply,
): Promise<void> {
  successOf(await client.ask('PATCH', pathOf(id), { body: { automaticRepliesSetting } }));
}

function pathOf(id: string): string {
  return `/users/${id}/mailboxSettings`;
}

/** Text as the HTML that a reply consists of. */
export function htmlOf(text: string): string {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return escaped.replace(/\r?\n/g, '<br>');
}

/** The words alone: Exchange gives a message back within a page of its own making. */
export function plainText(html: string | null | undefined): string {
  return (html ?? '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

export function momentOf(time: Date): Moment {
  return { dateTime: time.toISOString().slice(0, -1), timeZone: 'UTC' };
}

/** Milliseconds since 1970, or undefined for a time in a zone other than the one that we write. */
export function timeOf(moment: Moment | undefined): number | undefined {
  if (moment?.timeZone !== 'UTC') return undefined;
  // Graph has seven digits after the point.
  return Date.parse(`${moment.dateTime.slice(0, 23)}Z`);
}
