/** Faults that the gateway once had in how it takes what tickets tell. */
import { Receiver } from '../../../gateway/hooks/receive.ts';
import { type Mutant, replaced } from '../../../rehearsal/simulator/mutants.ts';

export const ticketMutants: Mutant[] = [
  {
    row: '17.12',
    what: 'a delivery that comes late acts as if nothing newer had come',
    put: replaced(Receiver, 'later', () => async () => []),
  },
  {
    row: '17.12',
    what: 'a delivery that was kept while the engine was away is not taken up before a newer one',
    put: replaced(
      Receiver,
      'inTurn',
      () =>
        function ({ id }, reading) {
          return this.handle(id, reading);
        },
    ),
  },
  {
    row: '17.12',
    what: 'a delivery that was kept is taken up by nobody',
    put: replaced(Receiver, 'takeUp', () => async () => ({ outcome: 'received' })),
  },
];
