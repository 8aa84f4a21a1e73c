/** Every limit on size that an author can meet, for the reference. A test holds the numbers to those of the code. */
export interface Limit {
  what: string;
  limit: string;
  /** What happens beyond it. */
  beyond: string;
}

export const limits: readonly Limit[] = [
  {
    what: 'A runbook, a configuration or a file of tests',
    limit: '1 MB of text',
    beyond: 'refused (CS1001)',
  },
  { what: 'How deeply keys and lists stand in one another', limit: '64', beyond: 'refused' },
  { what: 'The steps of a runbook', limit: '2,000', beyond: 'refused (CS1708)' },
  { what: 'What YAML aliases repeat', limit: '10,000 values', beyond: 'refused' },
  {
    what: 'An expression with its names from `let` written out',
    limit: '20,000 characters',
    beyond: 'refused (CS1325)',
  },
  { what: 'What a runbook reads of its `data` files, as JSON', limit: '192 KB', beyond: 'refused (CS2106)' },
  { what: 'Checking one runbook', limit: '10 s', beyond: 'given up (CS1018)' },
  { what: 'A length of time', limit: '10 years', beyond: 'refused (CS1501)' },
  { what: 'The reminders of a task', limit: '100', beyond: 'no more are sent' },
  { what: 'The `subject` of a run', limit: '120 characters', beyond: 'cut, with an ellipsis' },
  { what: 'The parts of a `pattern`', limit: '160 characters or classes', beyond: 'refused (CS1616)' },
  { what: 'A whole number', limit: '64 bits; 53 to be handed on as a number', beyond: 'the step parks' },
  {
    what: 'The answer of an action',
    limit: '256 KB',
    beyond: 'its lists are kept beside the run; the step parks, and a test fails, where that is not enough',
  },
  { what: 'A list that is kept beside the run', limit: '64 MB', beyond: 'the step parks' },
  { what: 'An item of a list that is kept beside the run', limit: '256 KB', beyond: 'the step parks' },
  {
    what: 'What a step hands on: the input of an action, a list to go through',
    limit: '512 KB',
    beyond: 'the step parks',
  },
  { what: 'The inputs of a run together', limit: '512 KB', beyond: 'refused' },
  {
    what: 'What people are shown to sign: all inputs, and every change by hand',
    limit: '1 MB',
    beyond: 'the step parks',
  },
  { what: 'What a service sends back to an action', limit: '16 MB', beyond: 'the step parks' },
  { what: 'What a web service answers to `http.request`', limit: '192 KB', beyond: 'the step parks' },
  { what: 'The body that `http.request` sends', limit: '1 MB', beyond: 'the step parks' },
  { what: 'What a program of a declared connector writes', limit: '4 MB', beyond: 'the step parks' },
  {
    what: 'The items of a list of a declared connector, unless `most` says less',
    limit: '100,000',
    beyond: 'the step parks',
  },
  { what: 'A message to Teams', limit: '28 KB', beyond: 'the step parks' },
  { what: 'The devices that `intune.listDevices` gives', limit: '5,000', beyond: 'the step parks' },
  { what: 'A mailbox that `exchange.convertToShared` takes', limit: '50 GB', beyond: 'the step parks' },
  { what: 'The rows and items that a function reads or makes', limit: '10,000', beyond: 'the step parks' },
  {
    what: 'A value as those see it who sign',
    limit: '2,000 characters',
    beyond: 'shortened, with its length and digest',
  },
  {
    what: 'The single values that a signature names',
    limit: '200',
    beyond: 'named by what stands around them',
  },
  { what: 'The data of an event from outside', limit: '100 KB', beyond: 'refused (413)' },
  { what: 'A request to the gateway', limit: '1 MB', beyond: 'refused (413)' },
  { what: 'The files in the repository of the runbooks', limit: '20,000', beyond: 'held back' },
  { what: 'All of them together, in the repository of the runbooks', limit: '256 MB', beyond: 'held back' },
  { what: 'An .ics file', limit: '20 MB', beyond: 'refused (CS1922)' },
  { what: 'The events in an .ics file', limit: '50,000', beyond: 'refused (CS1922)' },
  { what: 'The events in an .ics file that repeat', limit: '5,000', beyond: 'refused (CS1922)' },
  { what: 'How long an event that repeats lasts', limit: '366 days', beyond: 'refused (CS1920, CS1922)' },
  { what: 'A recurrence rule', limit: '1,000 characters', beyond: 'refused (CS1920, CS1922)' },
  {
    what: 'How often a recurrence rule comes on one day',
    limit: '48 times',
    beyond: 'refused (CS1920, CS1922)',
  },
  { what: 'A checklist for `countersign import`', limit: '1 MB', beyond: 'refused' },
  {
    what: 'The rows of a file for `countersign assets import`',
    limit: '100,000',
    beyond: 'refused; split it',
  },
  { what: 'A file for `countersign assets import`', limit: '32 MB', beyond: 'refused; split it' },
  { what: 'A cell of it', limit: '2,000 characters', beyond: 'refused' },
  { what: 'The steps that `plan --live` follows', limit: '100', beyond: 'the rest is not shown' },
  { what: 'The items of a list that `plan --live` follows', limit: '10', beyond: 'the rest is not shown' },
];
