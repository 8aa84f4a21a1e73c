/** Who operates runs: `role:NAME` stands for everybody who has the role, anything else for that person. */
import type { Principal } from './messages.ts';

/** `owner` of a plan, or one entry of a trigger's `by`. */
export function isAddressedTo(owner: string, principal: Principal): boolean {
  return owner.startsWith('role:')
    ? principal.roles.includes(owner.slice(5))
    : principal.id === owner.toLowerCase();
}
