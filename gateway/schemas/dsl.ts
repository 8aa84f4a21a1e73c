/** The short words in which the API's schemas are written. */

const described = (description?: string) => (description ? { description } : {});

export const text = (description?: string) => ({ type: 'string', ...described(description) });
export const boolean = (description?: string) => ({ type: 'boolean', ...described(description) });
export const which = (...values: string[]) => ({ type: 'string', enum: values });
export const listOf = (items: object) => ({ type: 'array', items });
export const moment = { type: 'integer', description: 'Milliseconds since 1970.' };
export const date = { type: 'string', format: 'date-time' };

/** Any names and values. */
export const open = (description: string) => ({ type: 'object', additionalProperties: true, description });

export const mapOf = (item: object, description: string) => ({
  type: 'object',
  additionalProperties: item,
  description,
});

/** These properties and no others; one whose name ends in `?` may be absent. */
export function object(properties: Record<string, object>, description?: string) {
  const names = Object.keys(properties);
  return {
    type: 'object',
    ...described(description),
    properties: Object.fromEntries(
      Object.entries(properties).map(([name, schema]) => [name.replace(/\?$/, ''), schema]),
    ),
    required: names.filter((name) => !name.endsWith('?')),
    additionalProperties: false,
  };
}
