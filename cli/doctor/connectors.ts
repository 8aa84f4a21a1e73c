/** Every connector that is configured or that a runbook uses: reached, signed in to and read, changing nothing. */
import { randomBytes } from 'node:crypto';
import { connectorsWith } from '../../activities/index.ts';
import { Caller } from '../../activities/kit/call.ts';
import type { Connector } from '../../activities/kit/define-connector.ts';
import { Outbound } from '../../activities/kit/outbound.ts';
import type { Services } from '../../activities/kit/services.ts';
import { settingsOf } from '../../activities/kit/settings-of.ts';
import type { Configuration } from '../../compiler/configuration/configuration.ts';
import type { DeclaredConnector } from '../../plan/declared.ts';
import type { JsonObject, Plan } from '../../plan/plan.ts';
import { Seal } from '../../vault/seal.ts';
import type { Secrets } from '../../vault/secrets.ts';
import { type Finding, found, limitMs } from './finding.ts';

interface Around {
  configuration: Configuration;
  settings: Record<string, JsonObject>;
  secrets: Secrets;
  plans: readonly Plan[];
  declared: readonly DeclaredConnector[];
}

export function lookAtConnectors(around: Around): Promise<Finding>[] {
  const { settings, plans } = around;
  const services = servicesOf(around);
  const users = usersOf(plans);
  const connectors = oneOfEach(connectorsWith(around.declared));
  return connectors
    .filter(({ name }) => settings[name] !== undefined || users.has(name))
    .map((connector) => {
      const { name } = connector;
      return found(`connector ${name}`, (signal) =>
        lookAt(connector, { services, users: users.get(name) ?? [], signal }),
      );
    });
}

async function lookAt(
  connector: Connector,
  { services, users, signal }: { services: Services; users: string[]; signal: AbortSignal },
): Promise<Omit<Finding, 'part'>> {
  const unchecked = await new Caller(connector, services)
    .check({ signal, timeoutMs: limitMs })
    .catch((error) => {
      // That it is not configured matters to whom it concerns.
      if (error instanceof Error && !settingsOf(connector, services) && users.length > 0)
        error.message += ` Used by ${listed(users)}.`;
      throw error;
    });
  return unchecked === undefined
    ? { state: 'ok', says: `${connector.title} answers, lets us in and lets us read` }
    : { state: 'unchecked', says: `cannot be checked: ${unchecked}` };
}

const mostNamed = 3;

function listed(names: readonly string[]): string {
  const more = names.length - mostNamed;
  return `${names.slice(0, mostNamed).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** One whose check is a piece of code knows more than one that was derived. */
function oneOfEach(connectors: readonly Connector[]): Connector[] {
  const byName = new Map<string, Connector>();
  for (const connector of connectors) if (!byName.has(connector.name)) byName.set(connector.name, connector);
  return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Connector -> the runbooks that use it. */
function usersOf(plans: readonly Plan[]): Map<string, string[]> {
  const users = new Map<string, string[]>();
  for (const plan of plans) {
    const names = new Set(
      [...JSON.stringify(plan).matchAll(/"uses":"([A-Za-z][A-Za-z0-9_-]*)\./g)].map(([, name = '']) => name),
    );
    for (const name of names) users.set(name, [...(users.get(name) ?? []), plan.runbook]);
  }
  return users;
}

function servicesOf({ configuration, settings, secrets }: Around): Services {
  return {
    secrets,
    // Nothing is sealed that outlives this command.
    seal: new Seal({ current: 'doctor', keys: { doctor: randomBytes(32) } }),
    settings: (connector) => settings[connector],
    outbound: new Outbound(configuration.outbound),
  };
}
