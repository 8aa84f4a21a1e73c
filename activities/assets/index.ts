import { defineConnector } from '../kit/define-connector.ts';
import { checkIn } from './check-in.ts';
import { checkOut } from './check-out.ts';
import { AssetsClient, AssetsSettings } from './client.ts';
import { create } from './create.ts';
import { find } from './find.ts';
import { listOf } from './list-of.ts';

export const assets = defineConnector({
  name: 'assets',
  title: 'Assets (Snipe-IT)',
  settings: AssetsSettings,
  connect: (settings) => new AssetsClient(settings),
  actions: [find, checkOut, checkIn, listOf, create],
  // Snipe-IT takes 120 requests a minute, and says how long to wait beyond that.
  callsPerSecond: 5,
});
