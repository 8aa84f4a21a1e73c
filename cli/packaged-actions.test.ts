import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { type ActionDescription, catalogueOf } from '../plan/catalogue.ts';
import { packageRoot } from '../store/package-root.ts';
import { actionsIn } from './packaged-actions.ts';

const text = readFileSync(join(packageRoot(), 'schemas', 'actions.json'), 'utf8');

it('Actions that are read one at a time are all that ship, and each is as it would be read with the others', () => {
  const whole = catalogueOf(JSON.parse(text) as ActionDescription[]);
  const [one, all] = [actionsIn(text), actionsIn(text)];
  expect(one.size).toBe(whole.size);
  for (const [name, action] of whole) expect(one.get(name)).toEqual(action);
  expect([...all]).toEqual([...whole]);
  expect([...all.keys()]).toEqual([...whole.keys()]);
  expect(one.get('mail.send')).toBe(one.get('mail.send'));
  expect([one.has('mail.send'), one.has('mail.sned'), one.get('mail.sned')]).toEqual([
    true,
    false,
    undefined,
  ]);
});
