/** Encoded queries, of the kinds that are needed: `number=CHG0030001^ORapproval=approved^ORDERBYDESCsys_created_on`. */
import { ServiceNowError } from './errors.ts';

/** What stands behind the question mark of an address. */
export type Query = Record<string, string | undefined>;

type Row = Record<string, string>;

const operators: [sign: string, holds: (value: string, wanted: string) => boolean][] = [
  ['!=', (value, wanted) => value !== wanted],
  ['ISNOTEMPTY', (value) => value !== ''],
  ['STARTSWITH', (value, wanted) => value.startsWith(wanted)],
  ['LIKE', (value, wanted) => value.toLowerCase().includes(wanted.toLowerCase())],
  ['IN', (value, wanted) => wanted.split(',').includes(value)],
  // Its databases compare texts whatever their case.
  ['=', (value, wanted) => value.toLowerCase() === wanted.toLowerCase()],
];

/** The rows that fit, in the order asked for. */
export function select<T>(rows: T[], query: string | undefined, asRow: (item: T) => Row): T[] {
  const terms = (query ?? '').split('^').filter(Boolean);
  const orders = terms.filter((term) => term.startsWith('ORDERBY'));
  const conditions = terms.filter((term) => !orders.includes(term));
  const fits = (row: Row) =>
    conditions.reduce(
      (holds, term) =>
        term.startsWith('OR') ? holds || termHolds(row, term.slice(2)) : holds && termHolds(row, term),
      true,
    );
  const found = rows.filter((item) => fits(asRow(item)));
  for (const order of [...orders].reverse()) {
    const down = order.startsWith('ORDERBYDESC');
    const field = order.slice(down ? 11 : 7);
    found.sort((a, b) => {
      const [x = '', y = ''] = [asRow(a)[field], asRow(b)[field]];
      return (x < y ? -1 : x > y ? 1 : 0) * (down ? -1 : 1);
    });
  }
  return found;
}

/** ServiceNow leaves out a condition that it cannot read, and then shows everything; to send one is a mistake of ours. */
function termHolds(row: Row, term: string): boolean {
  const match = /^([a-z_][a-z0-9_.]*)(!=|ISNOTEMPTY|STARTSWITH|LIKE|IN|=)(.*)$/s.exec(term);
  const [, field = '', sign, wanted = ''] = match ?? [];
  const value = Object.hasOwn(row, field) ? row[field] : undefined;
  const holds = operators.find(([each]) => each === sign)?.[1];
  if (value === undefined || !holds)
    throw new ServiceNowError(400, 'Invalid query', `The condition ${term} cannot be read.`);
  return holds(value, wanted);
}
