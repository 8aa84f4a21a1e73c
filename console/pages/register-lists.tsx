/** The register's lists as tables. On a phone each row stands as a card, as the runs do. */
import type { ReactNode } from 'react';
import type { RegisteredAsset, RegisteredContract, RegisteredOrder, Vendor } from '../../plan/register.ts';
import { Tag } from '../components/basics.tsx';
import { Link, pathOf } from '../router.tsx';

const soonDays = 30;

/** A day, which stands out when it is near or over. */
export function Day({ day, urgent = true }: { day: string | undefined; urgent?: boolean }) {
  if (!day) return null;
  const left = (Date.parse(day) - Date.now()) / 86_400_000;
  const urgency = !urgent ? 'calm' : left < 0 ? 'overdue' : left < soonDays ? 'soon' : 'calm';
  return (
    <time className={`left ${urgency}`} dateTime={day}>
      {new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeZone: 'UTC' }).format(Date.parse(day))}
    </time>
  );
}

export function Person({ email }: { email: string | undefined }) {
  return email ? <Link to={pathOf.person(email)}>{email}</Link> : null;
}

interface Column<Row> {
  title: string;
  value: (row: Row) => ReactNode;
}

function List<Row>({
  caption,
  rows,
  keyOf,
  columns,
}: {
  caption: string;
  rows: Row[];
  keyOf: (row: Row) => string;
  columns: Column<Row>[];
}) {
  const [first, ...rest] = columns;
  return (
    <table className="table register">
      <caption className="unseen">{caption}</caption>
      <thead>
        <tr>
          {columns.map(({ title }) => (
            <th key={title} scope="col">
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={keyOf(row)}>
            <th scope="row">{first?.value(row)}</th>
            {rest.map(({ title, value }) => (
              <td key={title} data-label={title}>
                {value(row)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function AssetList({ assets }: { assets: RegisteredAsset[] }) {
  return (
    <List
      caption="Assets, by their tags"
      rows={assets}
      keyOf={({ tag }) => tag}
      columns={[
        {
          title: 'Asset',
          value: ({ tag, model, serialNumber }) => (
            <>
              <Link to={pathOf.registered('assets', tag)}>{tag}</Link> {model}
              {serialNumber && <span className="row-about">{serialNumber}</span>}
            </>
          ),
        },
        { title: 'Status', value: ({ status }) => status },
        { title: 'Who has it', value: ({ assignedTo }) => <Person email={assignedTo} /> },
        { title: 'Warranty', value: ({ warrantyEnds }) => <Day day={warrantyEnds} /> },
        { title: 'End of life', value: ({ lifeEnds }) => <Day day={lifeEnds} /> },
      ]}
    />
  );
}

/** What is due first comes first; what nobody needs to give notice of stands last. */
export function ContractList({ contracts }: { contracts: RegisteredContract[] }) {
  const byDay = [...contracts].sort((a, b) => ((a.noticeBy ?? '9999') < (b.noticeBy ?? '9999') ? -1 : 1));
  return (
    <List
      caption="Contracts, by the day on which notice is due"
      rows={byDay}
      keyOf={({ number }) => number}
      columns={[
        {
          title: 'Contract',
          value: ({ number, vendor, what }) => (
            <>
              <Link to={pathOf.registered('contracts', number)}>{number}</Link> {vendor}
              <span className="row-about">{what}</span>
            </>
          ),
        },
        {
          title: 'Notice by',
          value: ({ noticeBy, noticeGivenOn }) =>
            noticeGivenOn ? <Tag tone="good">Notice given</Tag> : <Day day={noticeBy} />,
        },
        { title: 'Ends', value: ({ endsOn }) => <Day day={endsOn} urgent={false} /> },
        { title: 'Owner', value: ({ owner }) => <Person email={owner} /> },
        { title: 'A year', value: ({ yearly, currency }) => money(yearly, currency) },
      ]}
    />
  );
}

export function VendorList({ vendors }: { vendors: Vendor[] }) {
  return (
    <List
      caption="Vendors, by their names"
      rows={vendors}
      keyOf={({ name }) => name}
      columns={[
        {
          title: 'Vendor',
          value: ({ name }) => <Link to={pathOf.registered('vendors', name)}>{name}</Link>,
        },
        { title: 'Mail', value: ({ email }) => email },
        { title: 'Phone', value: ({ phone }) => phone },
        { title: 'Our number', value: ({ accountNumber }) => accountNumber },
      ]}
    />
  );
}

export function OrderList({ orders }: { orders: RegisteredOrder[] }) {
  return (
    <List
      caption="Orders, by their numbers"
      rows={orders}
      keyOf={({ number }) => number}
      columns={[
        {
          title: 'Order',
          value: ({ number, vendor, lines }) => (
            <>
              <Link to={pathOf.registered('orders', number)}>{number}</Link> {vendor}
              <span className="row-about">
                {lines.map(({ quantity, description }) => `${quantity} × ${description}`).join(', ')}
              </span>
            </>
          ),
        },
        { title: 'Status', value: ({ status }) => orderWords[status] },
        { title: 'Ordered', value: ({ orderedOn }) => <Day day={orderedOn} urgent={false} /> },
        {
          title: 'Expected',
          value: ({ expectedOn, status }) => <Day day={expectedOn} urgent={status === 'open'} />,
        },
        {
          title: 'Outstanding',
          value: ({ lines }) => String(lines.reduce((all, { outstanding }) => all + outstanding, 0)),
        },
      ]}
    />
  );
}

export const orderWords: Record<RegisteredOrder['status'], string> = {
  open: 'Open',
  complete: 'Complete',
  cancelled: 'Cancelled',
};

export function money(amount: number | undefined, currency: string | undefined): string {
  if (amount === undefined) return '';
  return `${new Intl.NumberFormat('en-GB').format(amount)}${currency ? ` ${currency}` : ''}`;
}
