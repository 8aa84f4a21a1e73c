import { Type } from 'typebox';
import { defined } from '../../plan/defined.ts';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import { PermanentFailure } from '../kit/failures.ts';
import { channelOf } from './channel.ts';
import type { SlackClient } from './client.ts';
import { type Block, blocksOf, markOf, noticeOf } from './message.ts';

const input = Type.Object(
  {
    channel: Type.String({
      minLength: 1,
      description: 'Name of the channel, such as #it-changes, or its id, such as C0123456789.',
    }),
    text: Type.String({
      pattern: '\\S',
      maxLength: 12_000,
      description:
        'The message: *bold* and _italic_ as people write them in Slack, web addresses become links.',
    }),
    link: Type.Optional(
      Type.String({
        format: 'uri',
        pattern: '^https?://',
        maxLength: 3_000,
        description: 'Web address that a button below the message opens.',
      }),
    ),
  },
  { additionalProperties: false },
);

const output = Type.Object({
  channel: Type.String({ description: 'Id of the channel.' }),
  messageId: Type.String({
    description: 'Id of the message in its channel, which Slack calls its timestamp.',
  }),
});

interface Message {
  ts: string;
  blocks?: Block[];
}

interface History {
  messages: Message[];
  response_metadata?: { next_cursor?: string };
}

/** Longer than a weekend, after which somebody retries a parked step; shorter than what a busy channel makes expensive. */
const lookBackMs = 7 * 24 * 3_600_000;
/** The most that Slack gives at once. */
const pageSize = 999;

type Context = ActionContext<SlackClient>;

export const post = defineAction({
  name: 'slack.post',
  title: 'Post in Slack',
  description:
    'Posts a message in a Slack channel. Slack has no key against repetitions, so that trying again first looks for the message of an earlier try, in what the channel got within seven days.',
  effect: 'write',
  source: 'Slack Web API: chat.postMessage, conversations.history',
  input,
  output,
  examples: [
    {
      title: 'Tell the team that a change is done',
      with: { channel: '#it-changes', text: 'The firewall rule is in place.' },
    },
  ],

  async run({ channel, text, link }, { client, key }: Context) {
    const id = await channelOf(client, channel);
    const earlier = await find(client, id, key);
    if (earlier) return { channel: id, messageId: earlier.ts };
    const blocks = JSON.stringify(blocksOf(text, key, link));
    const posted = await client.post<{ channel: string; ts: string }>('chat.postMessage', {
      channel: id,
      text: noticeOf(text),
      blocks,
    });
    return { channel: posted.channel, messageId: posted.ts };
  },

  async preview({ channel, text }, { client, key }: Context) {
    const start = text.trim().split('\n')[0] ?? '';
    const summary = `would post in ${channel}: ${start.length > 60 ? `${start.slice(0, 59)}…` : start}`;
    try {
      const id = await channelOf(client, channel);
      const earlier = await find(client, id, key);
      return earlier ? { summary: `has posted in ${channel} already`, nothingToDo: true } : { summary };
    } catch (error) {
      if (error instanceof PermanentFailure) return { summary, problems: [error.message] };
      throw error;
    }
  },

  async verify({ channel }, { client, key }: Context) {
    const id = await channelOf(client, channel);
    return (await find(client, id, key)) !== undefined;
  },
});

/** Slack Web API: conversations.history. The newest come first. */
async function find(client: SlackClient, channel: string, key: string): Promise<Message | undefined> {
  const oldest = Math.floor((Date.now() - lookBackMs) / 1000);
  for (let cursor = ''; ; ) {
    const page = await client.get<History>('conversations.history', {
      channel,
      oldest,
      limit: pageSize,
      ...defined({ cursor: cursor || undefined }),
    });
    const found = page.messages.find(({ blocks }) => blocks?.some((block) => block.block_id === markOf(key)));
    cursor = page.response_metadata?.next_cursor ?? '';
    if (found || !cursor) return found;
  }
}
