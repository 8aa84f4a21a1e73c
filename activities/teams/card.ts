/** Adaptive Cards 1.4, in the message that a Workflows webhook takes. */
import { defined } from '../../plan/defined.ts';
import type { JsonObject } from '../../plan/plan.ts';

export interface CardContent {
  title?: string | undefined;
  text: string;
  link?: string | undefined;
  invitation?: string | undefined;
}

export function cardMessage({ title, text, link, invitation = 'Open' }: CardContent): JsonObject {
  // Cards join the lines of one text: each line is one of its own.
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  const body = [
    ...(title === undefined ? [] : [{ ...textBlock(title), size: 'Large', weight: 'Bolder' }]),
    ...lines.map(textBlock),
  ];
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          body,
          ...defined({
            actions:
              link === undefined ? undefined : [{ type: 'Action.OpenUrl', title: invitation, url: link }],
          }),
        },
      },
    ],
  };
}

function textBlock(text: string): JsonObject {
  return { type: 'TextBlock', text, wrap: true };
}
