/** CS21xx: data of the repository. */
import { define, listOf } from '../diagnostic.ts';

const contracts =
  'data:\n  contracts: { file: data/contracts.csv, columns: { vendor: string, endDate: date } }';
const using =
  '\nsteps:\n  - end: { status: succeeded, reason: "${{ string(data.contracts.size()) }} contracts" }';

export const noDataFile = define<{ file: string; why: string }>({
  code: 'CS2101',
  title: 'A data file that cannot be opened',
  message: ({ file, why }) => `The data file ${file} cannot be opened: ${why}.`,
  explanation:
    'The path of a data file is relative to `countersign.yaml`. It must be a file of the repository itself: a link that leads out of it is refused.',
  wrong: `${contracts.replace('contracts.csv', 'missing.csv')}${using}`,
  right: `${contracts}${using}`,
});

export const unreadable = define<{ file: string; what: string }>({
  code: 'CS2102',
  title: 'A data file that cannot be read',
  message: ({ file, what }) => `${file} cannot be read as data: ${what}.`,
  explanation:
    'A .csv file is a table as RFC 4180 has it: the names of its columns in the first row, then a row each with as many cells. A .yaml, .yml or .json file is one list.',
  wrong: `${contracts.replace('contracts.csv', 'ragged.csv')}${using}`,
  right: `${contracts}${using}`,
});

export const hasFaults = define<{ file: string; count: number }>({
  code: 'CS2103',
  title: 'A data file with faults',
  message: ({ file, count }) =>
    `${file} has ${count === 1 ? 'a fault' : `${count} faults`}, told where ${count === 1 ? 'it stands' : 'they stand'}. The runbook cannot be used before ${count === 1 ? 'it is' : 'they are'} mended.`,
  explanation:
    'What a runbook reads of its data is part of its plan, so that a runbook whose data are wrong has none. Each fault is told in the data file, by row and column.',
  wrong: `${contracts.replace('contracts.csv', 'wrong.csv')}${using}`,
  right: `${contracts}${using}`,
});

export const missingColumn = define<{ column: string; file: string; known: string[] }>({
  code: 'CS2104',
  title: 'A column that the data do not have',
  message: ({ column, file, known }) =>
    `${file} has no column \`${column}\`. Its first row names ${listOf(known)}.`,
  explanation: 'Each name under `columns` stands in the first row of the file. Further columns are not read.',
  wrong: `${contracts.replace('endDate: date', 'ends: date')}${using}`,
  right: `${contracts}${using}`,
});

export const badCell = define<{ row: number; column: string; what: string }>({
  code: 'CS2105',
  title: 'A cell that does not fit its column',
  message: ({ row, column, what }) => `Row ${row}, column \`${column}\`: ${what}`,
  explanation:
    'Each cell is what `columns` says. Rows are counted as a spreadsheet counts them: the names are row 1. A column that may be empty says `{ type: …, optional: true }`; an empty cell is absent then.',
  wrong: `${contracts.replace('contracts.csv', 'wrong.csv')}${using}`,
  right: `${contracts}${using}`,
});

export const tooLarge = define<{ what: string; takes: string }>({
  code: 'CS2106',
  title: 'Too much data',
  message: ({ what, takes }) =>
    `${what}; ${takes} is the most. Keep what changes often, or is long, in a system of its own, and read it with an action.`,
  explanation:
    'The data that a runbook reads travel with each of its runs, so that a run sees what it began with. That is for tables that people keep by hand.',
  wrong: `${contracts.replace('contracts.csv', 'large.csv')}${using}`,
  right: `${contracts}${using}`,
});

export const unknownColumnType = define<{ value: string; column: string; known: string[] }>({
  code: 'CS2107',
  title: 'Unknown kind of column',
  message: ({ value, column, known }) =>
    `"${value}" is no kind of column (\`${column}\`). There are ${listOf(known)}; or a description such as \`{ type: string, optional: true }\`.`,
  explanation: 'A column says by one word, or by a JSON Schema as inputs have it, what stands in its cells.',
  wrong: `${contracts.replace('endDate: date', 'endDate: day')}${using}`,
  right: `${contracts}${using}`,
});

export const saidTwice = define<{ key: string }>({
  code: 'CS2108',
  title: 'A value of the organisation in two places',
  message: ({ key }) =>
    `\`${key}\` stands under \`organisation\` in countersign.yaml too. Keep it in one of the two.`,
  explanation:
    'What every runbook knows of the organisation stands in organisation.yaml, or under `organisation` in countersign.yaml; a value in both could differ.',
  wrong: `${contracts}${using}`,
  right: `${contracts}${using}`,
});
