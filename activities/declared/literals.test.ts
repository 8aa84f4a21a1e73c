import { describe, expect, it } from '@jest/globals';
import { literalIn } from './literals.ts';

const id = '05e9a617-0261-4cee-bb44-138d3ef5d965';

describe('A value in a query', () => {
  it('is an id or a time without quotes in OData, where no quotes are written around it', () => {
    expect(literalIn('odata', id, 'skuId eq ')).toBe(id);
    expect(literalIn('odata', '2026-01-31T09:00:00Z', 'at le ')).toBe('2026-01-31T09:00:00Z');
    expect(literalIn('odata', '2026-01-31T09:00:00.5+02:00', 'at le ')).toBe('2026-01-31T09:00:00.5+02:00');
    expect(literalIn('odata', id, "deviceId eq '")).toBe(id);
  });

  it('stays text where it is only like one', () => {
    expect(literalIn('odata', `${id} or 1 eq 1`, 'skuId eq ')).toBe(`'${id} or 1 eq 1'`);
    expect(literalIn('odata', '2026-01-31', 'name eq ')).toBe("'2026-01-31'");
    expect(literalIn('odata', `${id}\n`, 'skuId eq ')).toBe(`'${id}\n'`);
    expect(literalIn('jql', id, 'key = ')).toBe(`"${id}"`);
  });
});
