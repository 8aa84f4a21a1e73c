import { expect, it } from '@jest/globals';
import { testServices } from '../activities/kit/testing.ts';
import { keptPreviewCallers } from './preview-callers.ts';

it('The connectors of previews are made once, and their clients stay signed in', () => {
  const callers = keptPreviewCallers(testServices(), []);
  const first = callers();
  expect(first.caller('entra.getUser')?.caller).toBeDefined();
  expect(callers().caller('entra.getUser')?.caller).toBe(first.caller('entra.getUser')?.caller);
  expect(callers().catalogue).toBe(first.catalogue);
});
