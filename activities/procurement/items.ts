/** What is bought and where it goes: the parts that quotes and orders have in common, as inputs and as people read them. */
import { type Static, Type } from 'typebox';
import { Address, type PostalAddress } from './settings.ts';

export const supplierName = Type.String({
  minLength: 1,
  description: 'Name of the supplier, as the configuration calls it.',
});

/** No white space: it stands in subjects and in addresses of documents. */
export const orderNumber = Type.String({
  pattern: '^[^\\s<>&"]+$',
  description: 'Number of the order, as the order gave it.',
});

export const quantity = Type.Integer({ minimum: 1, description: 'How many.' });

export const deliverTo = Type.Union(
  [
    Type.String({ minLength: 1 }),
    Type.Object(
      { name: Type.Optional(Type.String()), ...Address.properties },
      { additionalProperties: false },
    ),
  ],
  {
    description:
      'Where to. A text is a place at the address of the buyer, such as Reception, 2nd floor. Anywhere else needs street, city, postalCode and country, and may have a name.',
  },
);

export const neededBy = Type.String({ format: 'date', description: 'Day by which it is needed.' });

export type DeliverTo = Static<typeof deliverTo>;

export interface Item {
  description: string;
  partNumber?: string;
  quantity: number;
  unitPrice?: number;
}

/** Two digits, without thousands: `1249.00`. */
export function money(amount: number): string {
  return amount.toFixed(2);
}

/** What the items cost together, in whole cents, since sums of fractions drift. */
export function totalOf(items: readonly Item[]): number {
  return (
    items.reduce((sum, { unitPrice = 0, quantity: count }) => sum + Math.round(unitPrice * 100) * count, 0) /
    100
  );
}

/** The lines of a postal address, from the place to the country. */
export function addressLines(
  to: DeliverTo,
  company: string,
  own: PostalAddress,
  attention?: string,
): string[] {
  const { street, postalCode, city, country } = typeof to === 'string' ? own : to;
  const name = typeof to === 'string' ? company : to.name;
  return [
    ...(name ? [name] : []),
    ...(attention ? [`Attention: ${attention}`] : []),
    ...(typeof to === 'string' ? to.split('\n').map((line) => line.trim()) : []),
    street,
    `${postalCode} ${city}`,
    country,
  ].filter(Boolean);
}

type Table = { header: string[]; rows: string[][] };

export function tableOf(items: readonly Item[], currency?: string): Table {
  const priced = currency !== undefined && items.some(({ unitPrice }) => unitPrice !== undefined);
  const price = (amount: number | undefined) =>
    amount === undefined ? 'as agreed' : `${money(amount)} ${currency}`;
  return {
    header: ['No.', 'Quantity', 'Part number', 'Description', ...(priced ? ['Price each'] : [])],
    rows: items.map((item, index) => [
      String(index + 1),
      String(item.quantity),
      item.partNumber ?? '',
      item.description,
      ...(priced ? [price(item.unitPrice)] : []),
    ]),
  };
}

/** For the plain text of a mail: columns side by side. */
export function textTable({ header, rows }: Table): string {
  const widths = header.map((_, column) =>
    Math.max(...[header, ...rows].map((row) => (row[column] ?? '').length)),
  );
  return [header, ...rows]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** For mail programs that show web pages. */
export function htmlTable({ header, rows }: Table): string {
  const cells = (row: string[], tag: string) =>
    row.map((cell) => `<${tag}>${htmlText(cell)}</${tag}>`).join('');
  return [
    '<table border="1" cellpadding="6" cellspacing="0">',
    `<tr>${cells(header, 'th')}</tr>`,
    ...rows.map((row) => `<tr>${cells(row, 'td')}</tr>`),
    '</table>',
  ].join('\n');
}

export function htmlText(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\n', '<br>');
}
