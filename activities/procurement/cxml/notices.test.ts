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
            carrier: 'Example Parcel',
            trackingNumber: '8202 8261',
            shippedAt: '2026-03-02',
            deliveryDate: '2026-03-04',
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

  it('that takes an earlier one back is no shipment, and one that names no order is refused', () => {
    expect(read(shipNotice(portion('CS-1'), 'operation="delete"'))).toHaveProperty('notForUs');
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
            confirmationId: 'C-1',
            comments: 'Thanks',
            deliveryDate: '2026-03-09',
            items: [{ lineNumber: 1, quantity: 2, status: 'accept', deliveryDate: '2026-03-09' }],
          },
        },
      ],
    });
  });

  it('that refuses the order is told apart', () => {
    expect(read(confirmation('reject'))).toMatchObject({ events: [{ name: 'order.rejected' }] });
  });
});

it('Other requests are no notices', () => {
  expect(noticeReader(parseXml('<ProfileRequest/>'))).toBeUndefined();
  expect(noticeReader(parseXml('<toString/>'))).toBeUndefined();
});
