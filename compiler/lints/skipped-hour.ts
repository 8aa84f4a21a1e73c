import { skippedHour } from '../diagnostics/registry/calendars.ts';
import { rule } from './rule.ts';

export const skippedHourRule = rule({
  name: 'skipped-hour',
  weight: 'warning',
  definition: skippedHour,
});
