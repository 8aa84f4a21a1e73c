import { type Static, Type } from 'typebox';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import { PermanentFailure } from '../kit/failures.ts';
import { cardMessage } from './card.ts';
import type { TeamsClient } from './client.ts';

const input = Type.Object(
  {
    channel: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          'Name of the channel under connectors: teams: channels: in the configuration. Without it, the first one there.',
      }),
    ),
    title: Type.Optional(Type.String({ pattern: '\\S', description: 'Heading of the card.' })),
    text: Type.String({ pattern: '\\S', description: 'What the card says.' }),
    link: Type.Optional(
      Type.String({ format: 'uri', description: 'Web address that a button of the card opens.' }),
    ),
  },
  { additionalProperties: false },
);

const output = Type.Object({
  posted: Type.Boolean({ description: 'True when Teams took the card.' }),
});

/** Teams: Limits and specifications, message size of webhooks. */
const largest = 28 * 1024;

type Context = ActionContext<TeamsClient>;

export const post = defineAction({
  name: 'teams.post',
  title: 'Post in Teams',
  description:
    'Posts a card in a Teams channel, through the webhook of a workflow. Teams gives no way to find an earlier try, so that after a lost answer the card may come twice.',
  effect: 'write',
  delivery: 'at least once',
  source: 'Microsoft Teams: Create incoming webhooks with Workflows; Adaptive Cards 1.4',
  input,
  output,
  examples: [
    {
      title: 'Tell the team that a window begins',
      with: {
        channel: 'it-operations',
        title: 'Maintenance begins',
        text: 'The mail servers are patched until 23:00.',
      },
    },
  ],

  async run(given, { client }: Context) {
    const { webhook } = client.channel(given.channel);
    await webhook.send({ method: 'POST', path: '', body: checkedCard(given) });
    return { posted: true };
  },

  async preview(given, { client }: Context) {
    const start = given.title ?? given.text.trim().split('\n')[0] ?? '';
    try {
      const { name } = client.channel(given.channel);
      checkedCard(given);
      return { summary: `would post in the Teams channel ${name}: ${short(start)}` };
    } catch (error) {
      if (!(error instanceof PermanentFailure)) throw error;
      return { summary: `would post in Teams: ${short(start)}`, problems: [error.message] };
    }
  },
});

function checkedCard(given: Static<typeof input>) {
  const message = cardMessage(given);
  const size = Buffer.byteLength(JSON.stringify(message));
  if (size > largest)
    throw new PermanentFailure(
      `The card of ${Math.ceil(size / 1024)} KB is more than the 28 KB that Teams takes. Shorten \`text\`.`,
    );
  return message;
}

function short(text: string): string {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
