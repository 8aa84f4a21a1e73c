/** The purchase order that goes to suppliers who take mail: a page or more of A4, as PDF. */
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
  const { buyer } = order;
  const paragraph = (title: string, lines: string[]) => {
    document.font('Helvetica-Bold').text(title);
    document.font('Helvetica').text(lines.map(printable).join('\n')).moveDown();
  };
  document.font('Helvetica-Bold').fontSize(18).text(`Purchase order ${order.orderId}`).moveDown();
  document.fontSize(10);
  paragraph('Supplier', [order.supplier]);
  paragraph('Buyer, and where the bill goes', [
    buyer.company,
    buyer.address.street,
    `${buyer.address.postalCode} ${buyer.address.city}`,
    buyer.address.country,
    buyer.contact,
  ]);
  paragraph('Deliver to', addressLines(order.deliverTo, buyer.company, buyer.address, order.attention));
  if (order.neededBy) paragraph('Needed by', [order.neededBy]);
  if (order.costCentre) paragraph('Cost centre', [order.costCentre]);
  drawTable(document, tableOf(order.items, order.currency));
  if (order.items.some(({ unitPrice }) => unitPrice !== undefined))
    document
      .font('Helvetica-Bold')
      .text(`Total without tax: ${money(totalOf(order.items))} ${order.currency}`, margin)
      .moveDown();
  document
    .font('Helvetica')
    .text(
      `Please name ${order.orderId} in your confirmation, on the delivery note and on the invoice.`,
      margin,
    );
  document.end();
  return written;
}

function drawTable(document: PDFKit.PDFDocument, { header, rows }: ReturnType<typeof tableOf>): void {
  for (const [index, row] of [header, ...rows].entries()) {
    document.font(index === 0 ? 'Helvetica-Bold' : 'Helvetica');
    const cells = row.map(printable);
    const height = Math.max(
      ...cells.map((cell, column) => document.heightOfString(cell, { width: columns[column] ?? 60 })),
    );
    if (document.y + height > document.page.height - margin) document.addPage();
    const top = document.y;
    let left = margin;
    for (const [column, cell] of cells.entries()) {
      const width = columns[column] ?? 60;
      document.text(cell, left, top, { width: width - 6 });
      left += width;
    }
    document.y = top + height + 6;
  }
  document.moveDown();
}

/** PDF's own fonts have the letters of Western Europe. Others lose their accents; the mail itself has them all. */
function printable(text: string): string {
  return [...text.normalize('NFC')].map((letter) => (isWestern(letter) ? letter : plain(letter))).join('');
}

function plain(letter: string): string {
  const [base = ''] = letter.normalize('NFD');
  return others[letter] ?? (isWestern(base) ? base : '?');
}

function isWestern(letter: string): boolean {
  const code = letter.codePointAt(0) ?? 0;
  return (
    code === 0x0a ||
    (code >= 0x20 && code <= 0x7e) ||
    (code >= 0xa0 && code <= 0xff) ||
    '€–—‘’“”„…'.includes(letter)
  );
}

/** Letters that are no letter with an accent. */
const others: Record<string, string> = { Ł: 'L', ł: 'l', Đ: 'D', đ: 'd', ı: 'i', Œ: 'OE', œ: 'oe', ẞ: 'SS' };
