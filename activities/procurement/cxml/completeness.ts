/** Whether all of an order has been shipped, by everything that its supplier has told. */
import { defined } from '../../../plan/defined.ts';
import type { Json, JsonObject } from '../../../plan/plan.ts';

export interface OrderLine {
  lineNumber: number;
  quantity: number;
}

/** What was told of the order, in the order in which it was told. */
export interface Told {
  name: string;
  data: JsonObject;
}

/** Undefined while something is missing, or while nobody can say. Lines that the supplier refused are not waited for. */
export function completed(
  ordered: readonly OrderLine[] | undefined,
  told: readonly Told[],
): JsonObject | undefined {
  const shipments = standing(told);
  if (shipments.length === 0) return undefined;
  const lines = ordered ?? linesIn(told);
  const rejected = rejectedIn(told);
  const shipped = sumByLine(shipments.flatMap((data) => linesOf(data.items)));
  const isSaid = shipments.some(({ complete }) => complete === true);
  const isCounted =
    lines.length > 0 &&
    lines.every(
      ({ lineNumber, quantity }) =>
        (shipped.get(lineNumber) ?? 0) + (rejected.get(lineNumber) ?? 0) >= quantity,
    );
  if (!isSaid && !isCounted) return undefined;
  const texts = (key: string) => shipments.flatMap((data) => data[key] ?? []);
  return {
    serialNumbers: [...new Set(texts('serialNumbers'))],
    parcels: texts('parcels'),
    shipments: shipments.length,
    items: [...shipped].map(([lineNumber, quantity]) => ({ lineNumber, quantity })),
    rejected: [...rejected].map(([lineNumber, quantity]) => ({ lineNumber, quantity })),
    ...defined({ deliveryDate: texts('deliveryDate').at(-1) }),
  };
}

/** Shipments that were neither withdrawn nor told anew. */
function standing(told: readonly Told[]): JsonObject[] {
  const byId = new Map<Json, JsonObject>();
  for (const [index, { name, data }] of told.entries()) {
    const id = data.shipmentId ?? `#${index}`;
    if (name === 'order.shipped') byId.set(id, data);
    if (name === 'order.shipmentWithdrawn') byId.delete(id);
  }
  return [...byId.values()];
}

/** What was ordered, where only the supplier says so: in a confirmation, or beside what was shipped of it. */
function linesIn(told: readonly Told[]): OrderLine[] {
  const lines = new Map<number, number>();
  for (const { name, data } of told) {
    if (name === 'order.confirmed' || name === 'order.rejected')
      for (const { lineNumber, quantity } of linesOf(data.items)) lines.set(lineNumber, quantity);
    for (const { lineNumber, quantity } of linesOf(data.items, 'orderedQuantity'))
      lines.set(lineNumber, quantity);
  }
  return [...lines].map(([lineNumber, quantity]) => ({ lineNumber, quantity }));
}

/** Of each line the last that was said. */
function rejectedIn(told: readonly Told[]): Map<number, number> {
  const rejected = new Map<number, number>();
  for (const { name, data } of told) {
    if (name !== 'order.confirmed' && name !== 'order.rejected') continue;
    for (const { lineNumber } of linesOf(data.items)) rejected.delete(lineNumber);
    for (const [lineNumber, quantity] of sumByLine(linesOf(data.rejected)))
      rejected.set(lineNumber, quantity);
  }
  return rejected;
}

function sumByLine(lines: OrderLine[]): Map<number, number> {
  const sums = new Map<number, number>();
  for (const { lineNumber, quantity } of lines) sums.set(lineNumber, (sums.get(lineNumber) ?? 0) + quantity);
  return sums;
}

function linesOf(items: Json | undefined, key = 'quantity'): OrderLine[] {
  if (!Array.isArray(items)) return [];
  return items.flatMap((item) => {
    const { lineNumber, [key]: quantity } = (item ?? {}) as JsonObject;
    return typeof lineNumber === 'number' && typeof quantity === 'number' ? [{ lineNumber, quantity }] : [];
  });
}
