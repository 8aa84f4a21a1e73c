/** What to do in a ticket system so that it tells Countersign of its tickets. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Configuration } from '../compiler/configuration/configuration.ts';
import { defined } from '../plan/defined.ts';
import type { Plan } from '../plan/plan.ts';
import { packageRoot } from '../store/package-root.ts';
import { ticketTriggers } from '../tickets/match.ts';
import type { TicketSystem } from '../tickets/ticket-system.ts';
import { evaluateText } from '../workflows/expressions.ts';

export interface Setup {
  system: string;
  title: string;
  url: string;
  /** Where countersign.yaml finds the secret, or undefined when it does not name one yet. */
  secret?: string;
  /** The projects, or else the types, that triggers name. */
  about: string[];
  /** What its administrator does, in this order. */
  steps: string[];
  /** What is pasted there. */
  script?: string;
}

const placeholder = 'https://countersign.example.com';

export function setupOf(
  system: TicketSystem,
  found: { plans: Plan[]; configuration: Configuration | undefined; url: string | undefined },
): Setup {
  const { name, title } = system;
  const triggers = found.plans.flatMap((plan) => ticketTriggers(plan, name));
  const { about: key, script } = system.setup;
  const about = triggers.flatMap((each) => (key === 'project' ? each.project : each.ticketType) ?? []);
  const secret = secretPlace(name, found.configuration);
  const url = `${(found.url ?? placeholder).replace(/\/+$/, '')}/hooks/${name}`;
  const named = [...new Set(about)].sort();
  return {
    system: name,
    title,
    url,
    ...defined({ secret: secret || undefined }),
    about: named,
    steps: system.setup.steps.map((step) => evaluateText(step, { url, about: named })),
    ...defined({ script: script === undefined ? undefined : pasted(script) }),
  };
}

/** From the manual. */
function pasted(script: string): string {
  return readFileSync(join(packageRoot(), 'docs', script), 'utf8');
}

export function setupText(setup: Setup): string {
  const { title, system, script, steps } = setup;
  return [
    `${title}: let it tell Countersign of its tickets`,
    secretStep(setup),
    ...steps.map((step, index) => numbered(step, index + 2)),
    numbered(tryIt(system), steps.length + 2),
    ...(script === undefined ? [] : [`----- Script -----\n${script}`]),
  ].join('\n\n');
}

function numbered(text: string, number: number): string {
  const [first = '', ...rest] = text.split('\n');
  return [`${number}. ${first}`, ...rest.map((line) => (line ? `   ${line}` : ''))].join('\n');
}

function secretPlace(name: string, configuration: Configuration | undefined): string | undefined {
  const reference = configuration?.tickets[name]?.webhookSecret as { $secret?: string } | undefined;
  const source = configuration?.secrets[reference?.$secret ?? ''];
  if (!source) return undefined;
  return 'env' in source ? `the environment variable ${source.env}` : `the file ${source.file}`;
}

function secretStep({ system, secret }: Setup): string {
  if (secret)
    return `1. The secret is in ${secret}, where countersign.yaml finds it.\n   Without one yet, make it with: openssl rand -hex 32`;
  return `1. Make a secret (openssl rand -hex 32), put it into the environment of the gateway as
   ${system.toUpperCase()}_WEBHOOK_SECRET, and name it in countersign.yaml:

     secrets:
       ${system}Webhook: { env: ${system.toUpperCase()}_WEBHOOK_SECRET }
     tickets:
       ${system}:
         webhookSecret: \${{ secrets.${system}Webhook }}`;
}

function tryIt(system: string): string {
  return `Move a ticket, and look: countersign deliveries
What a payload would start, without sending anything: countersign trigger test FILE --system ${system}`;
}
