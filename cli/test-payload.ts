/** A test that says what a ticket system sends, as the run that the gateway would start of it. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TestCase } from '../compiler/test-file/types.ts';
import { errorText } from '../plan/error-text.ts';
import type { JsonObject, Plan } from '../plan/plan.ts';
import { decide } from '../tickets/match.ts';
import { ticketSystems } from '../tickets/systems.ts';
import { parseBody } from '../tickets/ticket-system.ts';

/** The test with the inputs, the ticket and the requester of its payload; or why nothing would start. */
export function startedBy(
  test: TestCase,
  file: string,
  plan: Plan,
  plans: readonly Plan[],
): { test: TestCase } | { problem: string } {
  if (test.payload === undefined) return { test };
  const body = bodyOf(test.payload, file);
  if (typeof body === 'string') return { problem: `payload: ${body}` };
  const readings = ticketSystems().map((system) => ({ name: system.name, reading: system.read(body) }));
  const found = readings.find(({ reading }) => !('notForUs' in reading));
  if (!found) {
    const said = readings.map(
      ({ name, reading }) => `as ${name}: ${'notForUs' in reading ? reading.notForUs : ''}`,
    );
    return { problem: `payload: no ticket system sends this; ${said.join('; ')}` };
  }
  const { reading } = found;
  if (!('transition' in reading))
    return { problem: 'payload: it changes no status, so that it starts nothing' };
  const { transition } = reading;
  const decision = decide(transition, plans);
  if (decision.outcome !== 'start') return { problem: `payload: ${decision.reason}` };
  if (decision.match.plan.runbook !== plan.runbook)
    return { problem: `payload: it starts ${decision.match.plan.runbook}` };
  return {
    test: {
      ...test,
      inputs: decision.inputs,
      ticket: { ...transition.ticket, ...test.ticket },
      requester: test.requester ?? transition.requester.id,
    },
  };
}

function bodyOf(payload: JsonObject | string, file: string): JsonObject | string {
  try {
    const text =
      typeof payload === 'string'
        ? readFileSync(join(dirname(file), payload), 'utf8')
        : JSON.stringify(payload);
    return parseBody(text) ?? 'it is no JSON object';
  } catch (error) {
    return errorText(error);
  }
}
