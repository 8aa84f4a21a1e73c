import { defined } from '../../plan/defined.ts';
import { PermanentFailure } from '../kit/failures.ts';
import type { SlackClient } from './client.ts';

interface Channels {
  channels: { id: string; name: string }[];
  response_metadata?: { next_cursor?: string };
}

const keptMs = 5 * 60_000;

/** The id of a channel: its history is read by that alone. Slack Web API: conversations.list. */
export async function channelOf(client: SlackClient, channel: string): Promise<string> {
  if (/^[CGD][A-Z0-9]{8,}$/.test(channel)) return channel;
  const name = channel.replace(/^#/, '').toLowerCase();
  const known = client.channelIds.get(name);
  if (known && known.until > Date.now()) return known.id;
  for (let cursor = ''; ; ) {
    const page = await client.get<Channels>('conversations.list', {
      types: 'public_channel,private_channel',
      exclude_archived: true,
      limit: 1000,
      ...defined({ cursor: cursor || undefined }),
    });
    const found = page.channels.find((item) => item.name === name);
    if (found) {
      client.channelIds.set(name, { id: found.id, until: Date.now() + keptMs });
      return found.id;
    }
    cursor = page.response_metadata?.next_cursor ?? '';
    if (!cursor)
      throw new PermanentFailure(
        `The Slack app sees no channel ${channel}. Check its name, or invite the app to it if it is private.`,
      );
  }
}
