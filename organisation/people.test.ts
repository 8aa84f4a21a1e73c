import { describe, expect, it } from '@jest/globals';
import { resolvePeople } from './people.ts';

describe('who is asked', () => {
  it('is everybody in the roles and addresses named, each once', () => {
    const roles = { board: { people: ['A.Lee@example.com', 'b.ito@example.com'] } };
    expect(resolvePeople(['role:board', 'a.lee@example.com'], roles)).toEqual([
      'a.lee@example.com',
      'b.ito@example.com',
    ]);
  });
});
