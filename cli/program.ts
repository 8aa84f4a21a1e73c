/** The whole command line. Each command loads what it needs when it runs, so that the quick ones are quick. */
import { Command, CommanderError } from 'commander';
import { codeOf, exitCodes } from './exit.ts';

const program = new Command('countersign')
  .description(
    'Runbooks of an IT department: written as YAML, started by a ticket, signed, carried out durably.',
  )
  .version('0.1.0')
  .showHelpAfterError('(see --help)')
  .exitOverride();

interface Entry {
  usage: string;
  about: string;
  example: string;
  options?: [flags: string, about: string][];
  /** Needs the gateway. */
  api?: true;
  run: () => Promise<(args: string[], options: Record<string, string | boolean | string[]>) => Promise<void>>;
}

const comment: [string, string] = ['--comment <text>', 'why; becomes part of the evidence'];

const meeting: [string, string][] = [
  ['--for <email>', 'enter the vote that this person gave in a meeting'],
  ['--minutes <reference>', 'where the minutes of that meeting are'],
];

const commands: Entry[] = [
  {
    usage: 'init [folder]',
    about: 'a new repository of runbooks: configuration, a first runbook, editor and CI settings',
    example: 'countersign init it-runbooks --library',
    options: [
      ['--library', 'also the runbooks that ship, with their tests, and an organisation.yaml to edit'],
    ],
    run: async () => (await import('./commands/init.ts')).init,
  },
  {
    usage: 'import <file>',
    about:
      'a first draft of a runbook from a checklist (.md) or a workflow of Entra Lifecycle Workflows (.json)',
    example: 'countersign import onboarding-checklist.md --out runbooks/onboarding.yaml',
    options: [['--out <file>', 'where to write it; printed without']],
    run: async () => (await import('./commands/import.ts')).importDraft,
  },
  {
    usage: 'connector <what> [name]',
    about:
      'connectors of your own: `new` drafts one from an OpenAPI document or from scripts, `test` plays the recorded exchanges, `scripts` prints what the configuration must allow',
    example: 'countersign connector new lockers --openapi lockers.json --operations getLocker,changeLocker',
    options: [
      ['--openapi <file>', 'with new: the OpenAPI document (JSON or YAML)'],
      ['--operations <ids...>', 'with new: operation ids, or "GET /path"'],
      ['--scripts <files...>', 'with new: scripts of PowerShell (.ps1), or of another program'],
    ],
    run: async () => (await import('./commands/connector.ts')).connector,
  },
  {
    usage: 'validate [paths...]',
    about: 'check runbooks and the configuration; reports every problem',
    example: 'countersign validate runbooks/onboarding/new-hire.yaml',
    options: [
      ['--format <format>', 'text, json, github or sarif'],
      ['--config <file>', 'configuration (countersign.yaml)'],
    ],
    run: async () => (await import('./commands/validate.ts')).validate,
  },
  {
    usage: 'plan <runbook>',
    about: 'a runbook as a tree, with who signs before each step that changes something',
    example: 'countersign plan runbooks/onboarding/new-hire.yaml --input licence=SPE_E5',
    options: [
      ['--input <name=value...>', 'an input, to see which conditions it decides'],
      ['--inputs <file>', 'inputs as a JSON or YAML file'],
      ['--simulate', 'tell what a run would look like, hour by hour; calls nothing'],
      ['--live', 'ask the real systems what each step would do; changes nothing'],
      ['--ticket <key>', 'with --live: the ticket it would be about'],
      ['--config <file>', 'configuration (countersign.yaml)'],
    ],
    run: async () => (await import('./commands/plan.ts')).plan,
  },
  {
    usage: 'test [paths...]',
    about: 'run the tests beside runbooks (*.test.yaml) on a virtual clock, and say what they leave out',
    example: 'countersign test runbooks/onboarding',
    options: [
      ['--all', 'also fail when a step or branch is not tested'],
      ['--show', 'print the path of each test: the steps in the order in which they began'],
      ['--config <file>', 'configuration (countersign.yaml)'],
    ],
    run: async () => (await import('./commands/test.ts')).test,
  },
  {
    usage: 'diff <base> [head]',
    about: 'what a change means, weaker gates first; ends with 1 when a gate got weaker',
    example: 'countersign diff main',
    run: async () => (await import('./commands/diff.ts')).diff,
  },
  {
    usage: 'docs <runbook>',
    about: 'a runbook as the procedure a person would follow',
    example: 'countersign docs new-hire --format html > new-hire.html',
    options: [
      ['--format <format>', 'markdown or html'],
      ['--config <file>', 'configuration (countersign.yaml)'],
    ],
    run: async () => (await import('./commands/document.ts')).docs,
  },
  {
    usage: 'publish <where> <of>',
    about:
      'every runbook as a procedure in a folder, a Confluence space, a SharePoint site or a ServiceNow knowledge base; what has not changed is not written',
    example: 'countersign publish confluence IT',
    options: [
      ['--below <page>', 'in Confluence: id of the page that they stand below'],
      ['--config <file>', 'configuration (countersign.yaml)'],
    ],
    run: async () => (await import('./commands/publish.ts')).publish,
  },
  {
    usage: 'graph <runbook>',
    about: 'the flow of a runbook as a picture',
    example: 'countersign graph new-hire --format svg > new-hire.svg',
    options: [
      ['--format <format>', 'mermaid or svg'],
      ['--config <file>', 'configuration (countersign.yaml)'],
    ],
    run: async () => (await import('./commands/document.ts')).graph,
  },
  {
    usage: 'run <runbook>',
    about: 'start a run',
    example: 'countersign run new-hire --input givenName=Ada --input familyName=Lind --ticket HR-101',
    options: [
      ['--input <name=value...>', 'an input; may be given several times'],
      ['--inputs <file>', 'inputs as a JSON or YAML file'],
      ['--ticket <key>', 'the ticket it is about'],
      ['--watch', 'show each step as it happens'],
    ],
    api: true,
    run: async () => (await import('./commands/run.ts')).run,
  },
  {
    usage: 'runs',
    about: 'list runs, the newest first',
    example: 'countersign runs --waiting-for me',
    options: [
      ['--status <status>', 'running, waiting, parked, succeeded, … (several with commas)'],
      ['--waiting-for <whom>', 'me: only runs that wait for you'],
      ['--find <words>', 'only runs with these words in title, subject, ticket, people or open inputs'],
      ['--runbook <name>', 'only runs of this runbook'],
      ['--person <email>', 'only runs that this person asked for, was asked in, or did something in'],
      ['--from <day>', 'only runs that began then or later'],
      ['--before <day>', 'only runs that began before then'],
      ['--limit <n>', 'how many (50)'],
    ],
    api: true,
    run: async () => (await import('./commands/runs.ts')).runs,
  },
  {
    usage: 'person <email>',
    about: 'what one person asked for, was asked, signed, changed and did, over all runs',
    example: 'countersign person dana.reyes@example.com --from 2026-01-01 --before 2027-01-01',
    options: [
      ['--from <day>', 'only what happened then or later'],
      ['--before <day>', 'only what happened before then'],
    ],
    api: true,
    run: async () => (await import('./commands/person.ts')).person,
  },
  {
    usage: 'show <run>',
    about: 'what a run has done, and what it waits for',
    example: 'countersign show 01a2b3',
    api: true,
    run: async () => (await import('./commands/show.ts')).show,
  },
  {
    usage: 'approve <run> <step>',
    about: 'sign, after being shown what',
    example: 'countersign approve 01a2b3 signoff --as dana.reyes@example.com',
    options: [
      ['--field <name=value...>', 'what the approval asks to be filled in; may be given several times'],
      comment,
      ...meeting,
    ],
    api: true,
    run: async () => (await import('./commands/vote.ts')).approve,
  },
  {
    usage: 'reject <run> <step>',
    about: 'refuse to sign',
    example: 'countersign reject 01a2b3 signoff --comment "starts in March"',
    options: [comment, ...meeting],
    api: true,
    run: async () => (await import('./commands/vote.ts')).reject,
  },
  {
    usage: 'ask <run> <step>',
    about:
      'ask whoever asked for a signature, before signing and without refusing; with --input, suggest other inputs',
    example: 'countersign ask 01a2b3 board --comment "Who is told of the outage?"',
    options: [['--input <name=value...>', 'another value that you suggest'], comment],
    api: true,
    run: async () => (await import('./commands/questions.ts')).ask,
  },
  {
    usage: 'answer <run> <step> <question>',
    about: 'answer what was asked before signing',
    example: 'countersign answer 01a2b3 board 12 --comment "The service desk, on Monday."',
    options: [comment],
    api: true,
    run: async () => (await import('./commands/questions.ts')).answer,
  },
  {
    usage: 'files <run> [file]',
    about: 'the files of the run’s ticket, before signing; with a file, by id or name, save it',
    example: 'countersign files 01a2b3\n  countersign files 01a2b3 plan.pdf --save plan.pdf',
    options: [['--save <path>', 'where to save it; without it, here under its own name']],
    api: true,
    run: async () => (await import('./commands/files.ts')).files,
  },
  {
    usage: 'accept <run> <step> <suggestion>',
    about: 'change the inputs of a run to those that were suggested before signing',
    example: 'countersign accept 01a2b3 board 12',
    options: [comment],
    api: true,
    run: async () => (await import('./commands/questions.ts')).accept,
  },
  {
    usage: 'decline <run> <step> <suggestion>',
    about: 'decline the inputs that were suggested before signing',
    example: 'countersign decline 01a2b3 board 12 --comment "The vendor is away then."',
    options: [comment],
    api: true,
    run: async () => (await import('./commands/questions.ts')).decline,
  },
  {
    usage: 'agenda <role>',
    about: 'what a role is to decide; with --minutes, what it decided in a time',
    example:
      'countersign agenda role:cab\n  countersign agenda role:cab --minutes --from 2026-11-01 --to 2026-11-30',
    options: [
      ['--minutes', 'what was decided, by whom, and what is still open'],
      ['--from <day>', 'with --minutes, the first day; a week ago, unless it is given'],
      ['--to <day>', 'with --minutes, the last day; today, unless it is given'],
    ],
    api: true,
    run: async () => (await import('./commands/agenda.ts')).agenda,
  },
  {
    usage: 'delegate [role] [number]',
    about:
      'name somebody who signs for you in a role for a time; list who stands in, or end one by its number',
    example:
      'countersign delegate role:cab --to dana.reyes@example.com --from 2026-08-03 --until 2026-08-14\n  countersign delegate\n  countersign delegate end 3',
    options: [
      ['--to <email>', 'who signs for you'],
      ['--from <day>', 'the first day'],
      ['--until <day>', 'the last day'],
    ],
    api: true,
    run: async () => (await import('./commands/delegate.ts')).delegate,
  },
  {
    usage: 'retry <run> <step>',
    about: 'try a parked step again',
    example: 'countersign retry 01a2b3 licence',
    options: [['--with <name=value...>', 'other input than before; may be given several times'], comment],
    api: true,
    run: async () => (await import('./commands/operate.ts')).retry,
  },
  {
    usage: 'skip <run> <step>',
    about: 'go on without a parked step',
    example: 'countersign skip 01a2b3 badge --comment "has one from last year"',
    options: [comment],
    api: true,
    run: async () => (await import('./commands/operate.ts')).skip,
  },
  {
    usage: 'complete <run> <step>',
    about: 'report a task, or a parked step done by hand',
    example: 'countersign complete 01a2b3 desk --output serial=C02XY',
    options: [['--output <name=value...>', 'what it gave; may be given several times'], comment],
    api: true,
    run: async () => (await import('./commands/operate.ts')).complete,
  },
  {
    usage: 'abort <run>',
    about: 'end a run and take its steps back',
    example: 'countersign abort 01a2b3 --comment "offer withdrawn"',
    options: [
      comment,
      ['--force', 'as the last resort: terminate it if it does not answer; nothing is taken back'],
    ],
    api: true,
    run: async () => (await import('./commands/operate.ts')).abort,
  },
  {
    usage: 'pause <run>',
    about: 'hold a run before its next step',
    example: 'countersign pause 01a2b3 --comment "waiting for HR"',
    options: [comment],
    api: true,
    run: async () => (await import('./commands/operate.ts')).pause,
  },
  {
    usage: 'resume <run>',
    about: 'let a paused run go on',
    example: 'countersign resume 01a2b3',
    options: [comment],
    api: true,
    run: async () => (await import('./commands/operate.ts')).resume,
  },
  {
    usage: 'amend <run>',
    about: 'change inputs of a live run; signatures on what changes are void',
    example: 'countersign amend 01a2b3 --input startDate=2026-12-08',
    options: [['--input <name=value...>', 'a new value; may be given several times'], comment],
    api: true,
    run: async () => (await import('./commands/operate.ts')).amend,
  },
  {
    usage: 'deliveries [action] [id]',
    about: 'what ticket systems sent, and why it did or did not start something; show or replay one',
    example: 'countersign deliveries --rejected\n  countersign deliveries show 3f0a91c2',
    options: [
      ['--rejected', 'only what was rejected or not believed'],
      ['--limit <n>', 'how many (50)'],
    ],
    api: true,
    run: async () => (await import('./commands/deliveries.ts')).deliveries,
  },
  {
    usage: 'assets <action> [what...]',
    about: 'the asset register: find, show, import, export, or compare it with a list of another system',
    example:
      'countersign assets find laptop berlin\n  countersign assets show EX-1001\n  countersign assets import assets.csv\n  countersign assets import assets.csv --apply\n  countersign assets reconcile intune.csv\n  countersign assets export > assets.csv',
    options: [
      ['--apply', 'import: do it, after the differences were shown'],
      ['--ignore <column...>', 'import: leave this column of the file out'],
      ['--person <address>', 'find: what this person has'],
      ['--status <status>', 'find: with this status'],
      ['--warranty-ends-by <day>', 'find: whose warranty ends by this day'],
      ['--life-ends-by <day>', 'find: whose life ends by this day'],
      ['--limit <n>', 'find: how many (50)'],
    ],
    api: true,
    run: async () => (await import('./commands/assets.ts')).assets,
  },
  {
    usage: 'audit <what> <run>',
    about: 'the evidence of a run: export it, or show or verify a run or an exported file',
    example:
      'countersign audit verify 01a2b3\n  countersign audit export 01a2b3 > run.audit.json\n  countersign audit verify run.audit.json',
    api: true,
    run: async () => (await import('./commands/audit.ts')).audit,
  },
  {
    usage: 'report <run>',
    about: 'a run, or an exported file, as a report to print: who asked, who signed what, what was done',
    example: 'countersign report 01a2b3 --pdf run.pdf\n  countersign report run.audit.json --html run.html',
    options: [
      ['--html <file>', 'as one page of HTML'],
      ['--pdf <file>', 'as PDF'],
    ],
    api: true,
    run: async () => (await import('./commands/report.ts')).report,
  },
  {
    usage: 'trigger <action> [target]',
    about: 'setup SYSTEM: what to do in a ticket system; test FILE: what a payload would start',
    example: 'countersign trigger setup servicenow\n  countersign trigger test body.json --system jira',
    options: [
      ['--system <name>', 'test: which system sent it (jira or servicenow)'],
      ['--url <address>', 'setup: where the ticket system reaches the gateway'],
      ['--config <file>', 'configuration (countersign.yaml)'],
    ],
    run: async () => (await import('./commands/trigger.ts')).trigger,
  },
  {
    usage: 'actions [name]',
    about: 'what runbooks can do, and each action’s input and output',
    example: 'countersign actions entra.createUser',
    run: async () => (await import('./commands/actions.ts')).actions,
  },
  {
    usage: 'rules [name]',
    about: 'the rules of good habit that validate asks, with how much each weighs here',
    example: 'countersign rules wait-without-end',
    options: [['--config <file>', 'configuration (countersign.yaml)']],
    run: async () => (await import('./commands/rules.ts')).rules,
  },
  {
    usage: 'explain <code>',
    about: 'what an error code means, with a wrong and a right example',
    example: 'countersign explain CS1001',
    run: async () => (await import('./commands/explain.ts')).explain,
  },
  {
    usage: 'schema',
    about: 'the JSON Schemas for editors',
    example: 'countersign schema --write',
    options: [['--write', 'write them into schemas/ of this folder']],
    run: async () => (await import('./commands/schema.ts')).schema,
  },
  {
    usage: 'lsp',
    about: 'a language server on standard input and output, for editors',
    example: 'countersign lsp --stdio',
    options: [['--stdio', 'as editors ask for it; there is no other way']],
    run: async () => (await import('./commands/lsp.ts')).lsp,
  },
  {
    usage: 'dev',
    about: 'start everything on this machine, with stand-ins for the outside systems',
    example: 'countersign dev',
    options: [
      ['--live', 'talk to the systems in countersign.yaml instead of stand-ins'],
      ['--config <file>', 'configuration (countersign.yaml)'],
      ['--runbooks <folder>', 'runbooks (runbooks)'],
      ['--data <folder>', 'where data is kept (.countersign)'],
      ['--port <port>', 'port of the gateway (8321, else a free one)'],
    ],
    run: async () => (await import('./commands/dev.ts')).dev,
  },
  {
    usage: 'doctor',
    about:
      'look at all that this installation depends on, every connector included, with reads alone, and say what to mend',
    example: 'countersign doctor --config countersign.yaml',
    options: [
      ['--config <file>', 'configuration (COUNTERSIGN_CONFIG, else countersign.yaml)'],
      ['--data <folder>', 'where data is kept (.countersign)'],
    ],
    run: async () => (await import('./commands/doctor.ts')).doctor,
  },
  {
    usage: 'migrate-check',
    about: 'before an upgrade: whether the live runs can go on with this version',
    example: 'COUNTERSIGN_CONFIG=countersign.yaml countersign migrate-check',
    options: [['--data <folder>', 'where data is kept (.countersign)']],
    run: async () => (await import('./commands/migrate-check.ts')).migrateCheck,
  },
  {
    usage: 'migrate',
    about: 'at an upgrade: the new tables, and warrants for live runs that an older version began',
    example: 'DATABASE_URL=postgres://db.example.com/countersign countersign migrate',
    options: [
      ['--data <folder>', 'where data is kept (.countersign)'],
      ['--grant-to <role>', 'also give this role of the database what gateway and workers need, and no more'],
    ],
    run: async () => (await import('./commands/migrate.ts')).migrate,
  },
  {
    usage: 'backup <file>',
    about: 'all that is ours into one file: the database as it is at one moment, and the keys, encrypted',
    example: 'COUNTERSIGN_BACKUP_PASSPHRASE=… countersign backup countersign.backup',
    options: [
      ['--data <folder>', 'where the keys are kept (.countersign)'],
      [
        '--without-keys',
        'leave the keys out and encrypt nothing; what was sealed cannot be read without them',
      ],
    ],
    run: async () => (await import('./commands/backup.ts')).backup,
  },
  {
    usage: 'prune',
    about: 'remove what `retention` says has been kept long enough, as the worker does every hour',
    example: 'COUNTERSIGN_CONFIG=countersign.yaml countersign prune --dry-run',
    options: [
      ['--dry-run', 'only tell how much is due, of what and since when'],
      ['--config <file>', 'configuration (countersign.yaml)'],
      ['--data <folder>', 'where the keys are kept (.countersign)'],
    ],
    run: async () => (await import('./commands/prune.ts')).prune,
  },
  {
    usage: 'restore <file>',
    about: 'a backup into an empty database, and the keys into a data folder that has none',
    example: 'COUNTERSIGN_BACKUP_PASSPHRASE=… countersign restore countersign.backup',
    options: [['--data <folder>', 'where the keys are kept (.countersign)']],
    run: async () => (await import('./commands/backup.ts')).restore,
  },
  {
    usage: 'worker',
    about: 'run a worker: COUNTERSIGN_CONFIG and DATABASE_URL say where',
    example: 'COUNTERSIGN_CONFIG=countersign.yaml countersign worker',
    run: async () => (await import('./commands/processes.ts')).worker,
  },
  {
    usage: 'gateway',
    about: 'run a gateway: COUNTERSIGN_CONFIG and DATABASE_URL say where',
    example: 'COUNTERSIGN_PORT=8321 countersign gateway',
    run: async () => (await import('./commands/processes.ts')).gateway,
  },
];

for (const entry of commands) {
  const command = program
    .command(entry.usage)
    .description(entry.about)
    .option('--json', 'answer in JSON, for programs')
    .addHelpText('after', `\nExample:\n  ${entry.example}`);
  for (const [flags, about] of entry.options ?? []) command.option(flags, about);
  if (entry.api) {
    command
      .option('--as <email>', 'who is acting (COUNTERSIGN_AS, else git’s user.email)')
      .option('--gateway <url>', 'the gateway (COUNTERSIGN_GATEWAY, else the stack over the data folder)')
      .option('--data <folder>', 'the data folder (.countersign)');
  }
  // What stands for a word that there is not, such as --reason for --comment, no spelling tells.
  const flags = command.options.map(({ long, flags: whole }) => long ?? whole);
  command.showHelpAfterError(`(it takes ${flags.join(', ')}; see --help)`);
  command.action(async (...all: unknown[]) => {
    const given = all
      .slice(0, -2)
      .flat()
      .filter((value): value is string => typeof value === 'string');
    const act = await entry.run();
    await act(given, command.opts());
  });
}

try {
  await program.parseAsync();
} catch (error) {
  // Help and version are no mistakes; commander has written the rest already.
  if (error instanceof CommanderError)
    process.exitCode = error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  else process.exitCode = codeOf(error);
}
