/** Who has a role by an Entra group, as last looked up: whoever is asked to sign must be known when they sign in. */
import type { Configuration } from '../../compiler/configuration/configuration.ts';
import { errorText } from '../../plan/error-text.ts';

const everyMs = 5 * 60_000;

export interface GroupRolesParts {
  configuration(): Pick<Configuration, 'roles'>;
  membersOf(group: string): Promise<string[]>;
  log(line: string): void;
}

export class GroupRoles {
  private readonly parts: GroupRolesParts;
  private members = new Map<string, ReadonlySet<string>>();
  private timer: NodeJS.Timeout | undefined;

  constructor(parts: GroupRolesParts) {
    this.parts = parts;
  }

  /** Looks now, and again every few minutes. Never rejects: what cannot be looked up keeps its last members. */
  async start(): Promise<void> {
    await this.look();
    this.timer = setInterval(() => void this.look(), everyMs);
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** The configured roles with the members of their groups. */
  roles(): Configuration['roles'] {
    const { roles } = this.parts.configuration();
    return Object.fromEntries(
      Object.entries(roles).map(([name, role]) => {
        const members = role.entraGroup === undefined ? undefined : this.members.get(role.entraGroup);
        return [name, members ? { ...role, people: [...role.people, ...members] } : role];
      }),
    );
  }

  async look(): Promise<void> {
    const groups = new Set(
      Object.values(this.parts.configuration().roles).flatMap(({ entraGroup }) => entraGroup ?? []),
    );
    const found = new Map<string, ReadonlySet<string>>();
    for (const group of groups) {
      try {
        found.set(group, new Set(await this.parts.membersOf(group)));
      } catch (error) {
        const last = this.members.get(group);
        if (last) found.set(group, last);
        this.parts.log(`The members of the group "${group}" could not be looked up: ${errorText(error)}`);
      }
    }
    this.members = found;
  }
}
