import { badDayWords, type Shared, type StandIn } from '../stand-in.ts';
import { Inventory } from './inventory.ts';
import { apiToken, assetRoutes, prefix } from './routes.ts';

/** Snipe-IT. There is no published description of its API: this follows its routes and the form of its answers. */
export function assets({ effects, directory }: Shared): StandIn {
  const inventory = new Inventory(effects, directory);
  return {
    system: 'assets',
    prefix: '/snipe-it/',
    base: prefix,
    routes: (app) => assetRoutes(app, inventory),
    isUnknown: ({ url }) => {
      const serial = /\/hardware\/byserial\/([^/?]+)/.exec(url)?.[1];
      const id = /\/hardware\/(\d+)(?:[/?]|$)/.exec(url)?.[1];
      if (id !== undefined) return !inventory.byId(Number(id));
      return (
        serial !== undefined &&
        !inventory.list().some((asset) => asset.serial.toLowerCase() === serial.toLowerCase())
      );
    },
    state: () => ({ assets: inventory.list() }),
    reset: () => inventory.reset(),
    connectors: (url) => ({ assets: { baseUrl: `${url}/snipe-it`, apiToken } }),
    errorBody: (status) =>
      status === 429
        ? { message: 'Too Many Attempts.' }
        : { status: 'error', messages: badDayWords(status), payload: null },
  };
}
