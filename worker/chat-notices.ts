/** Messages to people by chat, besides the mail: what waits, and a button that opens its page. It decides nothing by being pressed. */

import type { messageCompleter } from '../activities/kit/complete-messages.ts';
import type { MailNotice } from '../activities/kit/configured-services.ts';
import { PermanentFailure } from '../activities/kit/failures.ts';
import { channelOf } from '../activities/slack/channel.ts';
import { SlackClient } from '../activities/slack/client.ts';
import { blocksOf, noticeOf } from '../activities/slack/message.ts';
import { cardMessage } from '../activities/teams/card.ts';
import { TeamsClient } from '../activities/teams/client.ts';
import type { Chat } from '../plan/message.ts';
import type { Role } from '../plan/organisation.ts';
import type { JsonObject } from '../plan/plan.ts';
import { resolveReferences } from '../vault/references.ts';

type Roles = Readonly<Record<string, Pick<Role, 'people' | 'chat'>>>;

/**
 * Where else these people are told. Only the channel of a role that is meant: people are in many roles, and what one is asked is not for
 * the channels of the others. Nor is what only one of many is asked alone.
 */
export function chatsOf(to: readonly string[], roles: Roles, meant: readonly string[] = []): Chat[] {
  const told = new Set(to.map((person) => person.toLowerCase()));
  const chats = new Map<string, Chat>();
  for (const [name, { people, chat = {} }] of Object.entries(roles)) {
    const asked = people.map((person) => person.toLowerCase()).filter((person) => told.has(person));
    if (asked.length === 0) continue;
    const isForAll = meant.includes(name) && (asked.length > 1 || people.length === 1);
    const found: Chat[] = [
      ...(chat.slack === 'direct' ? asked.map((person): Chat => ({ by: 'slack', to: person })) : []),
      ...(chat.slack !== undefined && chat.slack !== 'direct' && isForAll
        ? [{ by: 'slack' as const, to: chat.slack }]
        : []),
      ...(chat.teams !== undefined && isForAll ? [{ by: 'teams' as const, to: chat.teams }] : []),
    ];
    for (const each of found) chats.set(`${each.by} ${each.to}`, each);
  }
  return [...chats.values()];
}

type SentMessage = Awaited<ReturnType<ReturnType<typeof messageCompleter>>>;

interface Connectors {
  slack?: JsonObject;
  teams?: JsonObject;
}

/** Posts a message. Rejects where it was not taken, to be tried again; after a lost answer it may come twice. */
export function chatNotices(
  settings: Connectors,
  services: Parameters<typeof resolveReferences>[1],
  complete: (notice: MailNotice) => Promise<SentMessage>,
) {
  return async (notice: MailNotice, { by, to }: Chat): Promise<void> => {
    const given = settings[by];
    if (!given)
      throw new PermanentFailure(
        `There is no ${by} under connectors: in countersign.yaml, by which ${to} is to be told.`,
      );
    const { value } = await resolveReferences(given, services);
    const { subject, text, page } = await complete(notice);
    const said = page?.text ?? text;
    const signal = AbortSignal.timeout(limitMs);
    if (by === 'teams') {
      const client = new TeamsClient(value as unknown as ConstructorParameters<typeof TeamsClient>[0]).for(
        signal,
      );
      const body = cardMessage({
        title: subject,
        text: said,
        link: page?.link,
        invitation: page?.invitation,
      });
      await client.channel(to).webhook.send({ method: 'POST', path: '', body });
      return;
    }
    const client = new SlackClient(value as unknown as ConstructorParameters<typeof SlackClient>[0]).for(
      signal,
    );
    const blocks = blocksOf(`${subject}\n\n${said}`, notice.id, page?.link, page?.invitation);
    await client.post('chat.postMessage', {
      channel: to.includes('@') ? await personIn(client, to) : await channelOf(client, to),
      text: noticeOf(subject),
      blocks: JSON.stringify(blocks),
    });
  };
}

/** Whoever waits for it holds up the other posts of its round. */
const limitMs = 10_000;

/** Slack Web API: users.lookupByEmail, for which the app needs the scope users:read.email. */
async function personIn(client: SlackClient, email: string): Promise<string> {
  const { user } = await client.get<{ user: { id: string } }>('users.lookupByEmail', { email });
  return user.id;
}
