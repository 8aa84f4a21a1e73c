/** What ticket systems need to start runs: a secret, an address they can reach, and somebody who set the webhook up there. */
import type { Configuration } from '../../compiler/configuration/configuration.ts';
import type { Plan } from '../../plan/plan.ts';
import { ticketTriggers } from '../../tickets/match.ts';
import { ticketSystems } from '../../tickets/systems.ts';
import type { Secrets } from '../../vault/secrets.ts';
import { age } from '../text.ts';
import type { Finding } from './finding.ts';

/** Those whose tickets start a runbook, and those that are configured. */
export function usedSystems({ tickets }: Configuration, plans: readonly Plan[]): string[] {
  const used = ticketSystems().filter(
    ({ name }) => tickets[name] || plans.some((plan) => ticketTriggers(plan, name).length > 0),
  );
  return used.map(({ name }) => name);
}

export async function lookAtWebhook(
  system: string,
  { tickets, signIn }: Configuration,
  secrets: Secrets,
  lastDelivery: Date | undefined,
): Promise<Omit<Finding, 'part'>> {
  const reference = tickets[system]?.webhookSecret as { $secret?: string } | undefined;
  if (!reference?.$secret)
    return {
      state: 'problem',
      says: `Runbooks start by its tickets, and nothing from there is believed without a secret: add webhookSecret under tickets: ${system}: (countersign trigger setup ${system}).`,
    };
  await secrets.get(reference.$secret);
  if (lastDelivery)
    return { state: 'ok', says: `the last delivery that was believed came ${age(lastDelivery.getTime())}` };
  const where = signIn.url ? `${signIn.url.replace(/\/+$/, '')}/hooks/${system}` : undefined;
  return {
    state: 'unchecked',
    says: where
      ? `its secret is there; nothing has come yet. Set it up there to send to ${where}: countersign trigger setup ${system}`
      : 'its secret is there; signIn.url in countersign.yaml does not say under which address it reaches the gateway, and nothing has come yet',
  };
}
