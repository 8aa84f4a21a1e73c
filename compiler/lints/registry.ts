/** Which rules of good habit there are: written by scripts/registries.mjs, and not by hand. */
import { branchWithoutTest } from './branch-without-test.ts';
import { destructiveWithoutGate } from './destructive-without-gate.ts';
import { emptyRoleRule } from './empty-role.ts';
import { gateWithoutShow } from './gate-without-show.ts';
import { htmlNotEscaped } from './html-not-escaped.ts';
import { listWithoutTolerate } from './list-without-tolerate.ts';
import { neverExpiresRule } from './never-expires.ts';
import { neverReachedRule } from './never-reached.ts';
import { noSubject } from './no-subject.ts';
import { notConfigured } from './not-configured.ts';
import { onlyBranchRule } from './only-branch.ts';
import { optionalWithDefaultRule } from './optional-with-default.ts';
import { ownerIsAPerson } from './owner-is-a-person.ts';
import type { Rule } from './rule.ts';
import { secretInText } from './secret-in-text.ts';
import { skippedHourRule } from './skipped-hour.ts';
import { untested } from './untested.ts';
import { unusedInputRule } from './unused-input.ts';
import { waitWithoutEnd } from './wait-without-end.ts';
import { writeWithoutUndo } from './write-without-undo.ts';

export const rules: readonly Rule[] = [
  branchWithoutTest,
  destructiveWithoutGate,
  emptyRoleRule,
  gateWithoutShow,
  htmlNotEscaped,
  listWithoutTolerate,
  neverExpiresRule,
  neverReachedRule,
  noSubject,
  notConfigured,
  onlyBranchRule,
  optionalWithDefaultRule,
  ownerIsAPerson,
  secretInText,
  skippedHourRule,
  untested,
  unusedInputRule,
  waitWithoutEnd,
  writeWithoutUndo,
];
