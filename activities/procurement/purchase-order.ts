/** The purchase order that goes to suppliers who take mail: a page or more of A4, as PDF. */
import { Letters, type Weight } from '../../presentation/letters.ts';
import { addressLines, type DeliverTo, type Item, money, tableOf, totalOf } from './items.ts';
import type { Buyer } from './settings.ts';

export interface PurchaseOrder {
  orderId: string;
  supplier: string;
  buyer: Buyer;
  items: readonly Item[];
  currency: string;
  deliverTo: DeliverTo;
  attention?: string;
  neededBy?: string;
  costCentre?: string;
}

const margin = 56;
/** Widths of number, quantity, part number, description and price. */
const columns = [30, 55, 95, 210, 93];

export async function purchaseOrderPdf(order: PurchaseOrder): Promise<Buffer> {
  // Loaded where it is needed: its fonts and codecs take long to read.
  const { default: PDFDocument } = await import('pdfkit');
  const document = new PDFDocument({
    size: 'A4',
    margin,
    info: { Title: `Purchase order ${order.orderId}`, Author: order.buyer.company, Creator: 'Countersign' },
  });
  const chunks: Buffer[] = [];
  const written = new Promise<Buffer>((resolve, reject) => {
    document.on('data', (chunk: Buffer) => chunks.push(chunk));
    document.on('end', () => resolve(Buffer.concat(chunks)));
    document.on('error', reject);
  });
  const table = tableOf(order.items, order.currency);
  const sections = sectionsOf(order);
  const total = `Total without tax: ${money(totalOf(order.items))} ${order.currency}`;
  const isPriced = order.items.some(({ unitPrice }) => unitPrice !== undefined);
  const texts = [order.orderId, total, ...sections.flatMap(([, lines]) => lines), ...table.rows.flat()];
  const letters = await Letters.of(document, texts);
  const whole = { left: margin, width: document.page.width - 2 * margin };
  const write = (text: string, weight: Weight) => letters.write(text, weight, whole);
  document.fontSize(18);
  write(`Purchase order ${order.orderId}`, 'bold');
  document.moveDown();
  document.fontSize(10);
  for (const [title, lines] of sections) {
    write(title, 'bold');
    for (const line of lines) write(line, 'regular');
    document.moveDown();
  }
  drawTable(document, letters, table);
  if (isPriced) {
    write(total, 'bold');
    document.moveDown();
  }
  write(
    `Please name ${order.orderId} in your confirmation, on the delivery note and on the invoice.`,
    'regular',
  );
  document.end();
  return written;
}

/** What stands above the goods: headings, and the lines below each. */
function sectionsOf({
  buyer,
  supplier,
  deliverTo,
  attention,
  neededBy,
  costCentre,
}: PurchaseOrder): [string, string[]][] {
  const { company, address, contact } = buyer;
  const place = `${address.postalCode} ${address.city}`;
  return [
    ['Supplier', [supplier]],
    ['Buyer, and where the bill goes', [company, address.street, place, address.country, contact]],
    ['Deliver to', addressLines(deliverTo, company, address, attention)],
    ...(neededBy ? [['Needed by', [neededBy]] satisfies [string, string[]]] : []),
    ...(costCentre ? [['Cost centre', [costCentre]] satisfies [string, string[]]] : []),
  ];
}

function drawTable(
  document: PDFKit.PDFDocument,
  letters: Letters,
  { header, rows }: ReturnType<typeof tableOf>,
): void {
  for (const [index, row] of [header, ...rows].entries()) {
    const weight = index === 0 ? 'bold' : 'regular';
    const cells = row.map((text, column) => {
      const width = (columns[column] ?? 60) - 6;
      return { text, width, height: letters.heightOf(text, weight, width) };
    });
    const height = Math.max(...cells.map((cell) => cell.height));
    if (document.y + height > document.page.height - margin) document.addPage();
    const top = document.y;
    let left = margin;
    for (const { text, width } of cells) {
      document.y = top;
      letters.write(text, weight, { left, width });
      left += width + 6;
    }
    document.y = top + height + 6;
  }
  document.moveDown();
}
