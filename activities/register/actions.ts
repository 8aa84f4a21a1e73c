/** Which actions this folder has: written by scripts/registries.mjs, and not by hand. */
import type { Action } from '../kit/define-action.ts';
import { cancelOrder } from './cancel-order.ts';
import { listContracts } from './list-contracts.ts';
import { listOrders } from './list-orders.ts';
import { putContract } from './put-contract.ts';
import { putVendor } from './put-vendor.ts';
import { recordDelivery } from './record-delivery.ts';
import { recordNotice } from './record-notice.ts';
import { recordOrder } from './record-order.ts';
import { withdrawNotice } from './withdraw-notice.ts';

export const actions: Action[] = [
  cancelOrder,
  listContracts,
  listOrders,
  putContract,
  putVendor,
  recordDelivery,
  recordNotice,
  recordOrder,
  withdrawNotice,
];
