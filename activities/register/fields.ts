/** Vendors, contracts and orders as actions take and give them: texts that nobody has written are empty, amounts nought. */
import { Type } from 'typebox';
import { contractKinds, type RegisteredContract, type RegisteredOrder } from '../../plan/register.ts';

export const vendorName = Type.String({ minLength: 1, description: 'Name of the vendor.' });
export const contractNumber = Type.String({ minLength: 1, description: 'Number of the contract.' });
export const orderNumber = Type.String({
  minLength: 1,
  description: 'Number of the order, such as procurement.order gives.',
});

const day = (description: string) => Type.String({ format: 'date', description });
const shownDay = (description: string) =>
  Type.String({ description: `${description}, empty when none is recorded.` });

export const contractFields = {
  vendor: vendorName,
  what: Type.String({ minLength: 1, description: 'What it is about.' }),
  kind: Type.Optional(Type.Enum([...contractKinds], { description: 'What it is; a contract unless said.' })),
  owner: Type.Optional(Type.String({ format: 'email', description: 'Who answers for it.' })),
  contact: Type.Optional(Type.String({ format: 'email', description: 'Where notice and questions go.' })),
  startsOn: Type.Optional(day('Its first day.')),
  endsOn: Type.Optional(day('Its last day.')),
  noticeBy: Type.Optional(day('Last day on which notice may arrive.')),
  renews: Type.Optional(Type.Boolean({ description: 'Whether it goes on when nobody gives notice.' })),
  yearly: Type.Optional(Type.Number({ minimum: 0, description: 'What it costs a year, without tax.' })),
  currency: Type.Optional(Type.String({ pattern: '^[A-Z]{3}$', description: 'Currency of that.' })),
  seats: Type.Optional(Type.Integer({ minimum: 0, description: 'How many may use it.' })),
  notes: Type.Optional(Type.String({ description: 'What else there is to know.' })),
};

export const shownContract = Type.Object({
  number: Type.String({ description: 'Its number.' }),
  vendor: Type.String({ description: 'Name of the vendor.' }),
  kind: Type.String({ description: 'What it is.' }),
  what: Type.String({ description: 'What it is about.' }),
  owner: Type.String({ description: 'Who answers for it, empty for nobody.' }),
  contact: Type.String({ description: 'Where notice goes, empty when none is recorded.' }),
  endDate: shownDay('Its last day'),
  noticeDate: shownDay('Last day on which notice may arrive'),
  yearly: Type.Number({ description: 'What it costs a year, without tax.' }),
  seats: Type.Integer({ description: 'How many may use it; nought when nobody has said.' }),
  noticeGivenOn: shownDay('Day on which notice was given'),
});

export function contractShown(contract: RegisteredContract) {
  const { number, vendor, kind, what, owner = '', contact = '', endsOn = '', noticeBy = '' } = contract;
  const { yearly = 0, seats = 0, noticeGivenOn = '' } = contract;
  return {
    ...{ number, vendor, kind, what, owner, contact, yearly, seats, noticeGivenOn },
    endDate: endsOn,
    noticeDate: noticeBy,
  };
}

export const shownOrder = Type.Object({
  number: Type.String({ description: 'Its number.' }),
  vendor: Type.String({ description: 'Name of the vendor.' }),
  status: Type.String({ description: 'open, complete or cancelled.' }),
  orderedOn: Type.String({ description: 'Day on which it was ordered.' }),
  expectedOn: shownDay('Day on which all of it should be there'),
  outstanding: Type.Integer({ description: 'How many pieces have not come.' }),
  lines: Type.Array(
    Type.Object({
      line: Type.Integer({ description: 'Number of the line.' }),
      description: Type.String({ description: 'What it is.' }),
      quantity: Type.Integer({ description: 'How many were ordered.' }),
      delivered: Type.Integer({ description: 'How many have come.' }),
      outstanding: Type.Integer({ description: 'How many have not.' }),
    }),
    { description: 'What was ordered, and what of it has come.' },
  ),
});

export function orderShown({ number, vendor, status, orderedOn, expectedOn = '', lines }: RegisteredOrder) {
  return {
    ...{ number, vendor, status, orderedOn, expectedOn },
    outstanding: lines.reduce((all, { outstanding }) => all + outstanding, 0),
    lines: lines.map(({ line, description, quantity, delivered, outstanding }) => ({
      ...{ line, description, quantity, delivered, outstanding },
    })),
  };
}
