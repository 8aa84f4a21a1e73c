import { badDayWords, type Shared, type StandIn } from '../stand-in.ts';
import { credentials } from './credentials.ts';
import { answer } from './cxml.ts';
import { Orders } from './orders.ts';
import { path, Supplier } from './routes.ts';

/** Three suppliers: one takes cXML and tells what it ships, the others take mail. */
export function supplier({ effects }: Shared): StandIn {
  const orders = new Orders(effects);
  const house = new Supplier(orders);
  return {
    system: 'supplier',
    prefix: '/supplier/',
    routes: (app) => house.routes(app),
    people: (app) => house.people(app),
    state: () => ({ orders: orders.list() }),
    reset: () => orders.reset(),
    connectors: (url) => ({
      procurement: {
        suppliers: {
          'example-hardware': {
            title: 'Example Hardware',
            email: 'orders@hardware.example.com',
            currency: 'EUR',
            deploymentMode: 'production',
            cxml: { url: `${url}${path}`, ...credentials },
          },
          'example-computers': { title: 'Example Computers', email: 'sales@computers.example.com' },
          'example-furniture': { title: 'Example Furniture', email: 'sales@furniture.example.com' },
        },
        buyer: {
          company: 'Example Company',
          address: { street: 'Example Street 1', city: 'Berlin', postalCode: '10115', country: 'DE' },
          contact: 'it@example.com',
        },
      },
    }),
    errorBody: (status, _request, reply) => {
      reply.type('text/xml; charset=UTF-8');
      return answer(
        status === 503 ? 560 : status,
        status === 503 ? 'Temporary server error' : 'Error',
        badDayWords(status),
      );
    },
  };
}
