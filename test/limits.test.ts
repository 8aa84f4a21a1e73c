import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { defaultTimeLimitMs } from '../compiler/scope/compile-session.ts';
import { limits } from '../presentation/limits.ts';
import { packageRoot } from '../store/package-root.ts';

const thousands = (value: number) => value.toLocaleString('en-US');
const megabytes = (value: number) => `${value / 1024 ** 2} MB`;
const kilobytes = (value: number) => `${value / 1024} KB`;

/** What an author can meet: part of its words in the reference, and how its number is written there. */
const told: Record<string, [what: string, written: (value: number) => string]> = {
  'compiler/source/parse.ts maxCharacters': ['A runbook', (value) => `${megabytes(value)} of text`],
  'compiler/source/parse.ts maxDepth': ['How deeply', String],
  'compiler/source/parse.ts maxAliasedNodes': ['aliases', (value) => `${thousands(value)} values`],
  'compiler/runbook/step-numbering.ts maxSteps': ['steps of a runbook', thousands],
  'compiler/runbook/slow-pattern.ts largest': ['a `pattern`', (value) => `${value} characters or classes`],
  'compiler/expressions/check.ts maxExpanded': ['`let`', (value) => `${thousands(value)} characters`],
  'compiler/expressions/collections.ts mostItems': ['a function reads', thousands],
  'compiler/data/read-data.ts largestData': ['`data` files', kilobytes],
  'compiler/gates/cover.ts mostLeaves': ['a signature names', String],
  'compiler/connectors/read-looks.ts mostItems': ['list of a declared connector', thousands],
  'plan/lexical.ts longestMs': ['A length of time', (value) => `${value / (366 * 86_400_000)} years`],
  'workflows/steps/task.ts mostReminders': ['reminders of a task', String],
  'workflows/subject.ts longestSubject': ['`subject`', (value) => `${value} characters`],
  'workflows/gate/shown.ts longestShown': ['those see it', (value) => `${thousands(value)} characters`],
  'workflows/steps/size.ts largestPayload': ['hands on', kilobytes],
  'workflows/steps/size.ts largestInputs': ['inputs of a run together', kilobytes],
  'workflows/steps/size.ts largestQuestion': ['people are shown', megabytes],
  'activities/kit/call.ts largestResult': ['answer of an action', kilobytes],
  'activities/kit/kept-lists.ts largestList': ['A list that is kept beside the run', megabytes],
  'activities/kit/kept-lists.ts largestItem': ['An item of a list that is kept', kilobytes],
  'activities/kit/answers.ts largestAnswerBytes': ['sends back', megabytes],
  'activities/http/body.ts largestAnswer': ['answers to `http.request`', kilobytes],
  'activities/http/client.ts largestRequest': ['`http.request` sends', megabytes],
  'activities/declared/scripts/program.ts mostOutput': ['a program of a declared', megabytes],
  'activities/teams/post.ts largest': ['Teams', kilobytes],
  'activities/intune/list-devices.ts most': ['`intune.listDevices`', thousands],
  'activities/exchange/convert-to-shared.ts mostMegabytes': [
    'convertToShared',
    (value) => `${value / 1024} GB`,
  ],
  'organisation/recurrence-parts.ts longestText': [
    'A recurrence rule',
    (value) => `${thousands(value)} characters`,
  ],
  'organisation/recurrence-parts.ts mostTimesADay': ['on one day', (value) => `${value} times`],
  'organisation/timetable.ts longestRepeatedMs': [
    'that repeats lasts',
    (value) => `${value / 86_400_000} days`,
  ],
  'organisation/events.ts mostEvents': ['The events in an .ics file', thousands],
  'organisation/events.ts mostRepeating': ['.ics file that repeat', thousands],
  'organisation/icalendar.ts longestFile': ['An .ics file', (value) => `${value / 1e6} MB`],
  'gateway/outside-events.ts largestData': ['event from outside', kilobytes],
  'gateway/git/mirror.ts largestFiles': ['The files in the repository', thousands],
  'gateway/git/mirror.ts largestTree': ['All of them together', megabytes],
  'gateway/server.ts largestBody': ['request to the gateway', megabytes],
  'rehearsal/preview.ts mostSteps': ['steps that `plan --live`', String],
  'rehearsal/preview.ts mostItems': ['list that `plan --live`', String],
  'gateway/assets/asset-csv.ts mostRows': ['rows of a file for `countersign assets import`', thousands],
  'gateway/assets/asset-csv.ts longestCell': ['A cell of it', (value) => `${thousands(value)} characters`],
  'gateway/api/assets.ts largestFile': ['A file for `countersign assets import`', megabytes],
  'cli/commands/import.ts mostBytes': ['`countersign import`', (value) => `${value / 1e6} MB`],
};

/** What no author meets: how much is kept, tried or shown at once, and how long is waited. */
const unseen = new Set([
  // Of a draft, which says that there are more.
  'compiler/connectors/draft-types.ts mostFields',
  // Numbers that stand for what is not known yet; the next one begins anew.
  'rehearsal/preview.ts mostMadeUp',
  // The directory's own.
  'activities/ad/create-group.ts longestName',
  'activities/ad/directory.ts mostPages',
  'activities/declared/attempt.ts mostAttempts',
  'activities/declared/scripts/script-sender.ts mostCharacters',
  // The protocol's own.
  'activities/dns/client.ts largestMessage',
  'activities/dns/wire/names.ts longestLabel',
  'activities/dns/wire/names.ts longestName',
  'activities/intune/list-devices.ts mostBytes',
  'activities/kit/attempt-log.ts mostTries',
  'activities/kit/graph/token.ts largestToken',
  'activities/kit/http.ts longestWaitMs',
  'activities/kit/warrants/derived-input.ts mostWays',
  'activities/slack/message.ts longestNotice',
  // A longer message has several.
  'activities/slack/message.ts longestSection',
  'activities/ssh/execute.ts mostCharacters',
  'activities/ssh/execute.ts mostLines',
  'compiler/configuration/calendars.ts mostKept',
  'compiler/configuration/calendars.ts mostWarnings',
  'compiler/diff/steps.ts longest',
  'compiler/expressions/ast.ts mostKnown',
  // 64 bits: the type's own.
  'compiler/expressions/operations.ts largest',
  // More are left to the run.
  'compiler/values/length.ts mostExpressions',
  'compiler/values/moment.ts mostExpressions',
  'cli/doctor/connectors.ts mostNamed',
  'gateway/audit-stream/sender.ts mostRecords',
  'gateway/git/checkout.ts largestLog',
  'gateway/git/follower.ts mostProblems',
  'gateway/api/audit.ts largestPage',
  // The rest is counted.
  'gateway/assets/asset-csv.ts mostProblems',
  'gateway/api/ticket-files.ts mostKept',
  // Larger ones are named, and stay in the ticket system.
  'activities/kit/ticket-files.ts largestTicketFile',
  'gateway/api/delegations.ts longestDays',
  'gateway/api/delegations.ts mostShown',
  'gateway/api/delegations.ts mostStanding',
  'gateway/api/live.ts longestGapMs',
  'gateway/api/agenda.ts longestDays',
  'gateway/api/calendar.ts longestMs',
  'gateway/api/messages.ts mostStuck',
  'gateway/api/notes.ts mostNotes',
  'gateway/api/overview.ts mostParked',
  'gateway/api/people.ts mostDoings',
  'gateway/api/questions.ts mostQuestions',
  'gateway/api/run-export.ts mostLines',
  'gateway/api/streams.ts mostStreams',
  'gateway/api/suggestions.ts largestSuggestion',
  'gateway/api/views.ts mostViews',
  'gateway/hooks/inbox.ts longestOnItsWayMs',
  'gateway/hooks/inbox.ts mostStarting',
  'gateway/hooks/inbox.ts mostTelling',
  'gateway/hooks/unsettled.ts longestPatienceMs',
  'gateway/outside-events.ts longestWaitMs',
  'gateway/planned-changes.ts mostChanges',
  'gateway/refusal-limit.ts mostAnHour',
  'gateway/refusal-limit.ts mostCounted',
  'gateway/sign-in/claims.ts longestName',
  'gateway/sign-in/oidc.ts longestHint',
  'gateway/sign-in/pages.ts longestForm',
  'organisation/cron.ts longestMonths',
  'organisation/cron.ts mostMoments',
  'organisation/rule-days.ts mostBlocks',
  'organisation/rule-days.ts mostShared',
  'organisation/timetable.ts mostInAPiece',
  'organisation/timetable.ts mostPieces',
  'plan/leaf-paths.ts mostRead',
  // Of what a preview shows; the rest is counted.
  'plan/line-difference.ts longestLine',
  'plan/line-difference.ts mostCompared',
  'plan/line-difference.ts mostShown',
  'plan/sealed.ts longestOnTheWayMs',
  'presentation/icalendar.ts longestLine',
  'presentation/reference.ts longest',
  'presentation/run-report.ts longestJournal',
  'workflows/evidence/computed-inputs.ts mostVersions',
  'workflows/item-name.ts longestName',
  'workflows/steps/for-each.ts mostInOneBatch',
  'workflows/steps/read-list.ts mostRead',
  'workflows/steps/step.ts mostOutdated',
  'workflows/temporal/port.ts mostLosses',
  'workflows/temporal/task-room.ts mostInOneTask',
  'workflows/view-pages.ts mostReadings',
]);

const folders = [
  ...['compiler', 'plan', 'workflows', 'activities', 'organisation', 'tickets', 'vault', 'gateway'],
  ...['presentation', 'rehearsal', 'cli'],
];

/** `FILE NAME` of every constant that says how much there may be, with its value where it is a number. */
function limitsInCode(): Map<string, number | undefined> {
  const found = new Map<string, number | undefined>();
  for (const folder of folders)
    for (const name of readdirSync(join(packageRoot(), folder), { recursive: true, encoding: 'utf8' })) {
      if (!name.endsWith('.ts') || name.endsWith('.test.ts') || name.startsWith('simulator')) continue;
      const text = readFileSync(join(packageRoot(), folder, name), 'utf8');
      const factorOf = (factor: string): number =>
        factor === 'dayMs' ? 86_400_000 : Number(factor.replaceAll('_', ''));
      for (const [, constant, value = ''] of text.matchAll(
        /^(?:export )?const ((?:most|largest|longest|max)(?:[A-Z]\w*)?) = (.*);$/gm,
      )) {
        const product = value
          .split(' * ')
          .map(factorOf)
          .reduce((all, each) => all * each, 1);
        found.set(`${folder}/${name} ${constant}`, Number.isNaN(product) ? undefined : product);
      }
    }
  return found;
}

describe('the limits in the reference', () => {
  const code = limitsInCode();
  const written = (part: string) => limits.find(({ what }) => what.includes(part))?.limit;

  it('are those that the code holds to', () => {
    for (const [where, [what, form]] of Object.entries(told))
      expect(`${where}: ${written(what)}`).toBe(`${where}: ${form(code.get(where) ?? Number.NaN)}`);
    expect(written('Checking')).toBe(`${defaultTimeLimitMs / 1000} s`);
  });

  it('are all that an author can meet', () => {
    const unsorted = [...code.keys()].filter((where) => !(where in told) && !unseen.has(where));
    // Each stands in presentation/limits.ts and `told`, or in `unseen` where no author can meet it.
    expect({ neitherToldNorUnseen: unsorted }).toEqual({ neitherToldNorUnseen: [] });
    expect([...unseen].filter((where) => !code.has(where))).toEqual([]);
    expect(limits).toHaveLength(Object.keys(told).length + 2);
  });
});
