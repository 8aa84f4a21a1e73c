/** What both actions take. */
import { Type } from 'typebox';
import type { Json } from '../../plan/plan.ts';

export const url = Type.String({
  minLength: 1,
  description:
    'Address to call, such as https://api.example.com/v1/rules. Its host must be under outbound: allow: in the configuration.',
});

export const headers = Type.Optional(
  Type.Unsafe<Record<string, string>>({
    type: 'object',
    additionalProperties: { type: 'string' },
    description: 'Headers to send, such as Authorization. Secrets can stand in their values.',
  }),
);

export const expect = Type.Optional(
  Type.Array(Type.Integer({ minimum: 100, maximum: 599 }), {
    description: 'Status numbers that are an answer and no failure, besides 200 to 299.',
  }),
);

export const status = Type.Integer({
  examples: [200],
  description: 'Status number of the answer, such as 200.',
});

export const body = Type.Unsafe<Json>({
  description:
    'What the service answered: data where it can be read as such, else text, and nothing when it was empty.',
});
