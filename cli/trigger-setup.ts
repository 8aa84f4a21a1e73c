/** What to do in a ticket system so that it tells Countersign of its tickets. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Configuration } from '../compiler/configuration/configuration.ts';
import { defined } from '../plan/defined.ts';
import type { Plan } from '../plan/plan.ts';
import { packageRoot } from '../store/package-root.ts';
import { ticketTriggers } from '../tickets/match.ts';
import type { TicketSystem } from '../tickets/ticket-system.ts';

export interface Setup {
  system: string;
  title: string;
  url: string;
  /** Where countersign.yaml finds the secret, or undefined when it does not name one yet. */
  secret?: string;
  /** The projects (Jira) or tables (ServiceNow) that triggers name. */
  about: string[];
  /** For ServiceNow, the script to paste. */
  script?: string;
}

/** What follows the secret, for each system. */
const steps: Record<string, (setup: Setup) => string[]> = { jira, servicenow };

const placeholder = 'https://countersign.example.com';

export function setupOf(
  system: TicketSystem,
  found: { plans: Plan[]; configuration: Configuration | undefined; url: string | undefined },
): Setup {
  const { name, title } = system;
  const triggers = found.plans.flatMap((plan) => ticketTriggers(plan, name));
  const about = triggers.flatMap((each) => (name === 'jira' ? each.project : each.ticketType) ?? []);
  const secret = secretPlace(name, found.configuration);
  return {
    system: name,
    title,
    url: `${(found.url ?? placeholder).replace(/\/+$/, '')}/hooks/${name}`,
    ...defined({ secret: secret || undefined }),
    about: [...new Set(about)].sort(),
    ...defined({ script: name === 'servicenow' ? businessRule() : undefined }),
  };
}

function businessRule(): string {
  return readFileSync(join(packageRoot(), 'docs', 'servicenow', 'business-rule.js'), 'utf8');
}

export function setupText(setup: Setup): string {
  const parts = steps[setup.system]?.(setup) ?? [];
  return [`${setup.title}: let it tell Countersign of its tickets`, secretStep(setup), ...parts].join('\n\n');
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

function jira({ url, about }: Setup): string[] {
  const filter = about.length > 0 ? `project in (${about.join(', ')})` : 'project = HR';
  const elsewhere = 'and the projects that their issues are moved to, or none at all';
  return [
    `2. In Jira, as an administrator: Settings > System > WebHooks > Create a WebHook

     Name    Countersign
     URL     ${url}
     Secret  the secret of step 1
     Filter  ${filter}
             ${elsewhere}
     Events  Issue: created, updated, deleted, and nothing else

   Jira signs each delivery with the secret (X-Hub-Signature), and tries again when Countersign is away. A post function of a
   workflow may call this webhook too; then leave the events unticked, or each transition is told twice.`,
    `3. Or, without administrator's rights, a rule of the project: Project settings > Automation > Create rule

     Trigger  Issue transitioned, to the statuses that start or cancel a run
     Action   Send web request
       URL      ${url}
       Method   POST
       Body     Issue data (Jira format)
       Headers  Content-Type: application/json
                X-Countersign-Secret: the secret of step 1 (tick Hidden)

   The body is the bare issue, with the status it has now. It does not say from where the ticket came nor who moved it,
   so a trigger with \`from\` never fits, and \`amend\` and \`cancel: { deleted: true }\` need the webhook of step 2.
   Use one of the two for a project, not both: each would start a run of its own, unless the runbook has a \`unique\` key.`,
    tryIt('jira'),
  ];
}

function servicenow({ url, about, script = '' }: Setup): string[] {
  const tables = about.length > 0 ? about.join(', ') : 'change_request, sc_req_item';
  return [
    `2. In ServiceNow, as an administrator: two records in System Properties (sys_properties.list > New)

     Name  countersign.url     Type  string     Value  ${url}
     Name  countersign.secret  Type  password2  Value  the secret of step 1
     Read roles of both: admin`,
    `3. System Definition > Business Rules > New, once for each table: ${tables}

     Name       Report to Countersign
     Table      one of them
     Active     ticked
     Advanced   ticked
     When       after
     Insert     ticked
     Update     ticked
     Delete     ticked
     Condition  none, or what keeps out tickets that no runbook is about
     Script     what follows the line below

   The report is signed for five minutes: the clock of the gateway's machine must be right. ServiceNow sends it once.
   When Countersign was away, start the run by hand: countersign run NAME --ticket NUMBER`,
    tryIt('servicenow'),
    `----- Script -----\n${script}`,
  ];
}

function tryIt(system: string): string {
  return `4. Move a ticket, and look: countersign deliveries
   What a payload would start, without sending anything: countersign trigger test FILE --system ${system}`;
}
