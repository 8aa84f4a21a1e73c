/** Incoming webhooks of Teams' Workflows: an address for each channel, which is a credential itself. */
import { type Static, Type } from 'typebox';
import { AttemptClient } from '../kit/attempt-client.ts';
import { PermanentFailure } from '../kit/failures.ts';
import { HttpClient, secureBaseUrl } from '../kit/http.ts';
import { caSetting, trustOf } from '../kit/trust.ts';

export const TeamsSettings = Type.Object(
  {
    channels: Type.Unsafe<Record<string, { webhook: string }>>({
      type: 'object',
      minProperties: 1,
      description: 'The channels, under names of your own. The first is the one where no other is named.',
      additionalProperties: {
        type: 'object',
        properties: {
          webhook: {
            type: 'string',
            minLength: 1,
            description:
              'Address that the workflow "Post to a channel when a webhook request is received" shows. Whoever has it can post.',
          },
        },
        required: ['webhook'],
        additionalProperties: false,
      },
    }),
    ...caSetting,
  },
  { additionalProperties: false },
);

export interface Channel {
  name: string;
  webhook: HttpClient;
}

export class TeamsClient extends AttemptClient {
  private readonly channels: Channel[];

  constructor({ channels, ca }: Static<typeof TeamsSettings>) {
    super();
    const trust = trustOf('teams', ca);
    this.channels = Object.entries(channels).map(([name, { webhook }]) => ({
      name,
      webhook: new HttpClient({
        service: 'Teams',
        setting: `connectors.teams.channels.${name}.webhook`,
        trust,
        // A workflow answers with nothing, or with a word.
        isOwn: false,
        baseUrl: secureBaseUrl(`connectors.teams.channels.${name}.webhook`, webhook),
        headers: () => ({}),
        wordsOf: (body) => (body as { error?: { message?: string } } | undefined)?.error?.message,
        requestIdHeader: 'x-ms-workflow-run-id',
      }),
    }));
  }

  channel(name?: string): Channel {
    const [first] = this.channels;
    const found = name === undefined ? first : this.channels.find((channel) => channel.name === name);
    if (found) return { name: found.name, webhook: found.webhook.for(this.signal) };
    const known = this.channels.map((channel) => channel.name).join(', ');
    throw new PermanentFailure(
      `There is no Teams channel ${name ?? ''} under connectors: teams: channels: in countersign.yaml. There are: ${known}.`,
    );
  }
}
