import { describe, expect, it } from '@jest/globals';
import { type Notice, noticeReader } from './notices.ts';
import { parseXml } from './xml.ts';

function read(text: string): Notice {
  const request = parseXml(text);
  const reader = noticeReader(request);
  if (!reader) throw new Error('no notice');
  return reader(request);
}

const shipNotice = (inner: string, header = '') => `<ShipNoticeRequest>
  <ShipNoticeHeader shipmentID="S-1" noticeDate="2026-03-02T08:00:00Z" shipmentDate="2026-03-02" deliveryDate="2026-03-04" ${header}/>
  <ShipControl>
    <CarrierIdentifier domain="SCAC">FDE</CarrierIdentifier>
    <CarrierIdentifier domain="companyName">Example Parcel</CarrierIdentifier>
    <ShipmentIdentifier>8202 8261</ShipmentIdentifier>
  </ShipControl>
  ${inner}
</ShipNoticeRequest>`;
const portion = (order: string, items = '') =>
  `<ShipNoticePortion><OrderReference orderID="${order}"/>${items}</ShipNoticePortion>`;
const item = (inner: string, quantity = 1) =>
  `<ShipNoticeItem quantity="${quantity}" lineNumber="1"><ItemID><SupplierPartID>LT-14</SupplierPartID>${inner.includes('Auxiliary') ? inner : ''}</ItemID><UnitOfMeasure>EA</UnitOfMeasure>${inner.includes('Auxiliary') ? '' : inner}</ShipNoticeItem>`;

describe('A ship notice', () => {
  it('says who carries it, under which number, when it left and when it comes', () => {
    expect(read(shipNotice(portion('CS-1', item(''))))).toEqual({
      events: [
        {
          name: 'order.shipped',
          orderId: 'CS-1',
          data: {
            shipmentId: 'S-1',
            operation: 'new',
            carrier: 'Example Parcel',
            trackingNumber: '8202 8261',
            shippedAt: '2026-03-02',
            deliveryDate: '2026-03-04',
            parcels: [{ carrier: 'Example Parcel', trackingNumber: '8202 8261' }],
            serialNumbers: [],
            items: [{ lineNumber: 1, quantity: 1, partNumber: 'LT-14', serialNumbers: [] }],
          },
        },
      ],
    });
  });

  it.each([
    [
      'Extrinsics of the item',
      '<Extrinsic name="serialNumber">A1</Extrinsic><Extrinsic name="SerialNumber">A2</Extrinsic>',
    ],
    ['one Extrinsic with several', '<Extrinsic name="Serial Numbers">A1, A2</Extrinsic>'],
    [
      'the item’s detail',
      '<ShipNoticeItemDetail><Extrinsic name="serialNumber">A1 A2</Extrinsic></ShipNoticeItemDetail>',
    ],
    ['asset information', '<AssetInfo serialNumber="A1" tagNumber="T"/><AssetInfo serialNumber="A2"/>'],
    [
      'an Extrinsic that repeats the asset information',
      '<AssetInfo serialNumber="A1"/><Extrinsic name="serialNumber">A1;A2</Extrinsic>',
    ],
  ])('has serial numbers in %s', (_, inner) => {
    const notice = read(shipNotice(portion('CS-1', item(inner, 2))));
    expect(notice).toMatchObject({ events: [{ data: { serialNumbers: ['A1', 'A2'] } }] });
  });

  it('has a serial number in the auxiliary part id only where there is no other', () => {
    const auxiliary = '<SupplierPartAuxiliaryID>A9</SupplierPartAuxiliaryID>';
    expect(read(shipNotice(portion('CS-1', item(auxiliary))))).toMatchObject({
      events: [{ data: { serialNumbers: ['A9'] } }],
    });
  });

  it('of several orders is an event for each', () => {
    const other = item('<Extrinsic name="serialNumber">B1</Extrinsic>');
    expect(read(shipNotice(portion('CS-1', item('')) + portion('CS-2', other)))).toMatchObject({
      events: [
        { orderId: 'CS-1', data: { serialNumbers: [] } },
        { orderId: 'CS-2', data: { serialNumbers: ['B1'] } },
      ],
    });
  });

  it('says of every parcel who carries it and under which number', () => {
    const second =
      '<ShipControl><CarrierIdentifier domain="SCAC">OTH</CarrierIdentifier><ShipmentIdentifier>B1</ShipmentIdentifier><ShipmentIdentifier domain="billOfLading" trackingURL="https://example.com/B2">B2</ShipmentIdentifier></ShipControl>';
    const text = shipNotice(portion('CS-1', item(''))).replace(
      '<ShipNoticePortion>',
      `${second}<ShipNoticePortion>`,
    );
    expect(read(text)).toMatchObject({
      events: [
        {
          data: {
            trackingNumber: '8202 8261',
            parcels: [
              { carrier: 'Example Parcel', trackingNumber: '8202 8261' },
              { carrier: 'OTH', trackingNumber: 'B1' },
              {
                carrier: 'OTH',
                trackingNumber: 'B2',
                kind: 'billOfLading',
                trackingUrl: 'https://example.com/B2',
              },
            ],
          },
        },
      ],
    });
  });

  it('says whether it is part of the order or all of it, where it says so', () => {
    const complete = (header: string, items = item('')) =>
      (read(shipNotice(portion('CS-1', items), header)) as { events: { data: object }[] }).events[0]?.data;
    expect(complete('fulfillmentType="partial"')).toMatchObject({
      fulfillmentType: 'partial',
      complete: false,
    });
    expect(complete('fulfillmentType="complete"')).toMatchObject({ complete: true });
    expect(complete('')).not.toHaveProperty('complete');
    // A portion without items is the whole order.
    expect(complete('', '')).toMatchObject({ complete: true });
  });

  it('that is an update says so, and one that is only planned is no shipment yet', () => {
    expect(read(shipNotice(portion('CS-1', item('')), 'operation="update"'))).toMatchObject({
      events: [{ name: 'order.shipped', data: { operation: 'update', shipmentId: 'S-1' } }],
    });
    expect(read(shipNotice(portion('CS-1', item('')), 'shipmentType="planned"'))).toMatchObject({
      events: [{ name: 'order.shipmentPlanned' }],
    });
    expect(read(shipNotice(portion('CS-1', item('')), 'reason="return"'))).toHaveProperty('notForUs');
  });

  it('may name the order by the document that placed it alone', () => {
    const byDocument = (payload: string) =>
      `<ShipNoticePortion><OrderReference><DocumentReference payloadID="${payload}"/></OrderReference>${item('')}</ShipNoticePortion>`;
    expect(read(shipNotice(byDocument('CS-7H3K.new@example.com')))).toMatchObject({
      events: [{ orderId: 'CS-7H3K' }],
    });
    expect(() => read(shipNotice(byDocument('somebody.else@example.com')))).toThrow('names no order of ours');
  });

  it.each([
    ['1,000', 1000],
    ['12,345,678.5', 12345678.5],
    ['2.0', 2],
    ['7', 7],
  ])('has the quantity %s', (text, quantity) => {
    const one = item('').replace('quantity="1"', `quantity="${text}"`);
    expect(read(shipNotice(portion('CS-1', one)))).toMatchObject({
      events: [{ data: { items: [{ quantity }] } }],
    });
  });

  it.each(['many', '1,00', '1.000,5', '-1'])(
    'is refused when its quantity is %s, rather than read without it',
    (text) => {
      const one = item('').replace('quantity="1"', `quantity="${text}"`);
      expect(() => read(shipNotice(portion('CS-1', one)))).toThrow(
        `The quantity "${text}" of a ShipNoticeItem is no number.`,
      );
    },
  );

  it('that takes an earlier one back says so, and one that names no order is refused', () => {
    expect(read(shipNotice(portion('CS-1'), 'operation="delete"'))).toEqual({
      events: [
        {
          name: 'order.shipmentWithdrawn',
          orderId: 'CS-1',
          data: { shipmentId: 'S-1', operation: 'delete' },
        },
      ],
    });
    expect(() => read(shipNotice(''))).toThrow('has no ShipNoticePortion');
    expect(() => read(shipNotice('<ShipNoticePortion/>'))).toThrow('names no order');
    expect(() => read('<ShipNoticeRequest/>')).toThrow('has no ShipNoticeHeader');
  });
});

describe('A confirmation', () => {
  const confirmation = (type: string, more = '') =>
    `<ConfirmationRequest><ConfirmationHeader type="${type}" noticeDate="2026-03-02" confirmID="C-1"><Comments>Thanks</Comments></ConfirmationHeader><OrderReference orderID="CS-1"/>${more}</ConfirmationRequest>`;

  it('says when the goods come', () => {
    const line =
      '<ConfirmationItem quantity="2" lineNumber="1"><UnitOfMeasure>EA</UnitOfMeasure><ConfirmationStatus quantity="2" type="accept" deliveryDate="2026-03-09"><UnitOfMeasure>EA</UnitOfMeasure></ConfirmationStatus></ConfirmationItem>';
    expect(read(confirmation('detail', line))).toEqual({
      events: [
        {
          name: 'order.confirmed',
          orderId: 'CS-1',
          data: {
            type: 'detail',
            operation: 'new',
            confirmationId: 'C-1',
            comments: 'Thanks',
            deliveryDate: '2026-03-09',
            inFull: true,
            rejected: [],
            items: [
              {
                lineNumber: 1,
                quantity: 2,
                status: 'accept',
                deliveryDate: '2026-03-09',
                statuses: [{ status: 'accept', quantity: 2, deliveryDate: '2026-03-09' }],
              },
            ],
          },
        },
      ],
    });
  });

  const line = (number: number, ...statuses: [type: string, quantity: number, attributes?: string][]) =>
    `<ConfirmationItem quantity="3" lineNumber="${number}"><UnitOfMeasure>EA</UnitOfMeasure>${statuses
      .map(
        ([type, quantity, attributes = '']) =>
          `<ConfirmationStatus quantity="${quantity}" type="${type}" ${attributes}><UnitOfMeasure>EA</UnitOfMeasure></ConfirmationStatus>`,
      )
      .join('')}</ConfirmationItem>`;

  it('that refuses the order is told apart, also when it does so line by line', () => {
    expect(read(confirmation('reject'))).toMatchObject({ events: [{ name: 'order.rejected' }] });
    for (const type of ['detail', 'except', 'allDetail'])
      expect(read(confirmation(type, line(1, ['reject', 3]) + line(2, ['reject', 3])))).toMatchObject({
        events: [
          {
            name: 'order.rejected',
            data: {
              inFull: false,
              rejected: [
                { lineNumber: 1, quantity: 3 },
                { lineNumber: 2, quantity: 3 },
              ],
            },
          },
        ],
      });
  });

  it('of which a part is refused says which, and is not in full', () => {
    expect(read(confirmation('except', line(1, ['accept', 1], ['reject', 2])))).toMatchObject({
      events: [
        {
          name: 'order.confirmed',
          data: {
            inFull: false,
            rejected: [{ lineNumber: 1, quantity: 2 }],
            items: [
              {
                status: 'mixed',
                statuses: [
                  { status: 'accept', quantity: 1 },
                  { status: 'reject', quantity: 2 },
                ],
              },
            ],
          },
        },
      ],
    });
  });

  it('comes with the last of its lines, whatever order they stand in', () => {
    const early = 'deliveryDate="2026-03-09T08:00:00+01:00" shipmentDate="2026-03-07"';
    const late = 'deliveryDate="2026-04-01T08:00:00+02:00"';
    for (const lines of [
      line(1, ['accept', 3, early]) + line(2, ['backordered', 3, late]),
      line(1, ['accept', 2, late], ['accept', 1, early]),
    ])
      expect(read(confirmation('detail', lines))).toMatchObject({
        events: [
          { name: 'order.confirmed', data: { deliveryDate: '2026-04-01T08:00:00+02:00', inFull: true } },
        ],
      });
  });

  it('that asks for money, or decides nothing, confirms nothing', () => {
    expect(read(confirmation('requestToPay'))).toMatchObject({
      events: [{ name: 'order.paymentRequested' }],
    });
    expect(read(confirmation('requestToPay', line(1, ['requestToPay', 3])))).toMatchObject({
      events: [{ name: 'order.paymentRequested' }],
    });
    expect(read(confirmation('detail', line(1, ['unknown', 3])))).toHaveProperty('notForUs');
  });

  it('has every word that its supplier wrote', () => {
    const two = confirmation('accept').replace(
      '</ConfirmationHeader>',
      '<Comments>See you</Comments></ConfirmationHeader>',
    );
    expect(read(two)).toMatchObject({ events: [{ data: { comments: 'Thanks\nSee you' } }] });
  });
});

it('Other requests are no notices', () => {
  expect(noticeReader(parseXml('<ProfileRequest/>'))).toBeUndefined();
  expect(noticeReader(parseXml('<toString/>'))).toBeUndefined();
});
