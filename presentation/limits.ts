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
  { what: 'What YAML aliases repeat', limit: '10,000 values', beyond: 'refused' },
  {
    what: 'An expression with its names from `let` written out',
    limit: '20,000 characters',
    beyond: 'refused (CS1325)',
  },
  { what: 'Checking one runbook', limit: '10 s', beyond: 'given up (CS1018)' },
  { what: 'A length of time', limit: '10 years', beyond: 'refused (CS1501)' },
  { what: 'The parts of a `pattern`', limit: '160 characters or classes', beyond: 'refused (CS1616)' },
  { what: 'A whole number', limit: '64 bits; 53 to be handed on as a number', beyond: 'the step parks' },
  { what: 'The answer of an action', limit: '256 KB', beyond: 'the step parks, and a test fails' },
  {
    what: 'What a step hands on: the input of an action, a list to go through',
    limit: '512 KB',
    beyond: 'the step parks',
  },
  { what: 'What a service sends back to an action', limit: '16 MB', beyond: 'the step parks' },
];
