/** A run's journal in plain words. */
import colors from 'picocolors';
import type { JournalEntry } from '../workflows/messages.ts';
import { localTime } from './text.ts';

/** One line, or none for what a reader need not see. `titles` names the steps, `when` writes a moment. */
export function entryText(
  entry: JournalEntry,
  titles: Map<string, string>,
  when: (ms: number) => string = localTime,
): string | undefined {
  const data = entry.data ?? {};
  const title = entry.step ? (titles.get(entry.step) ?? entry.step) : '';
  switch (entry.kind) {
    case 'run.started':
      return `started for ${data.requester} (${data.cause})`;
    case 'run.ended':
      return `${data.status === 'succeeded' ? colors.green('ended: succeeded') : colors.red(`ended: ${data.status}`)}${data.reason ? ` — ${data.reason}` : ''}`;
    case 'run.undoing':
      return `${colors.yellow('taking completed steps back')}: ${data.reason}`;
    case 'step.started':
      return undefined;
    case 'step.succeeded':
      return `${colors.green('done')}     ${title}${data.completedBy ? ` (by hand, ${data.completedBy})` : ''}`;
    case 'step.skipped':
      return `skipped  ${title}${data.reason ? ` — ${data.reason} (${data.by})` : ''}`;
    case 'step.failed':
      return `${colors.red('failed')}   ${title} — ${data.message}`;
    case 'step.expired':
      return `${colors.yellow('too late')} ${title}: its time passed, and the run goes on`;
    case 'step.parked':
      return `${colors.red('parked')}   ${title} — ${data.message}`;
    case 'step.cancelled':
      return `stopped  ${title}`;
    case 'step.undone':
      return `undone   ${title} (${data.uses})`;
    case 'gate.opened':
      return `${colors.yellow('waiting')}  ${title}: asked ${listText(data.approvers)}${Number(data.needed) > 1 ? `, ${data.needed} of them` : ''}`;
    case 'gate.reminded':
      return `reminded ${listText(data.people)}`;
    case 'gate.escalated':
      return `escalated ${title} to ${listText(data.approvers)}`;
    case 'gate.voided':
      return `${title}: what is to be signed has changed; ${data.votes} vote(s) are void`;
    case 'gate.approved':
      return `${colors.green('signed')}   ${title} by ${listText(data.by)}`;
    case 'gate.rejected':
      return `${colors.red('refused')}  ${data.reason}`;
    case 'vote':
      return `${data.decision === 'approve' ? 'approves' : 'rejects'}: ${data.by}${data.comment ? ` — ${data.comment}` : ''}${data.recordedBy ? ` (entered by ${data.recordedBy}; minutes: ${data.minutes})` : ''}`;
    case 'batch.ended':
      if (data.rounds !== undefined) return `${title}: ${data.rounds} rounds so far`;
      return `${title}: ${data.done} of ${data.total} done${Number(data.failed) > 0 ? `, ${data.failed} failed` : ''}`;
    case 'undos.dropped':
      return `how to take back what was done (${data.undos} calls) was too large to be handed on`;
    case 'finally.stopped':
      return `the closing steps stopped: ${data.reason}`;
    case 'step.left':
      return `${colors.yellow('to settle')} ${title}: ${data.why}`;
    case 'gate.reopened':
      return `${colors.yellow('waiting')}  ${title}: asked again, ${data.by} wants something else than was signed`;
    case 'gate.unmet':
      return `${colors.yellow('unmet')}    ${title} can no longer be met by those who are asked`;
    case 'proposal.made':
      return `proposed ${proposed(data.changes)} (${data.by}); not in force before it is signed`;
    case 'proposal.countersigned':
      return `signed   ${proposed(data.changes)} (${listText(data.by)}), now in force`;
    case 'proposal.fell':
      return `fell     the proposal; what was signed stays: ${data.reason}`;
    case 'proposal.withdrawn':
      return `withdrew the proposal (${data.by})`;
    case 'outputs.dropped':
      return 'the outputs were too large to keep (512 KB)';
    case 'task.opened':
      return `${colors.yellow('waiting')}  ${title}: to be done by ${listText(data.people)}`;
    case 'wait.started':
      return `${colors.yellow('waiting')}  ${title}${eventText(data.event)}`;
    case 'window.waiting':
      return `${colors.yellow('waiting')}  ${title}: “${data.name}” opens ${when(Number(data.opensAt))}${data.frozenBy ? `, after the freeze “${data.frozenBy}”` : ''}`;
    case 'window.entered':
      return `entered  ${title}: “${data.name}” is open until ${when(Number(data.closesAt))}`;
    case 'window.overrun':
      return `${colors.yellow('too late')} ${title}: the window closed ${when(Number(data.closesAt))}`;
    case 'event':
      return `came     ${data.name} ${data.key}${data.source ? ` (${data.source})` : ''}`;
    case 'run.paused':
    case 'run.resumed':
      return `${entry.kind === 'run.paused' ? 'held' : 'goes on'}${data.by ? ` by ${data.by}` : ''}`;
    case 'run.amended':
      return `amended  ${Object.keys((data.after ?? {}) as object).join(', ')}${data.by ? ` by ${data.by}` : ''}`;
    case 'command':
      return `${data.command} by ${data.by}${data.comment ? ` — ${data.comment}` : ''}`;
    default:
      return `${entry.kind} ${title}`.trim();
  }
}

export function listText(value: unknown): string {
  return Array.isArray(value) ? value.join(', ') : String(value ?? '');
}

function eventText(event: unknown): string {
  if (typeof event !== 'object' || event === null) return '';
  const { name, key } = event as { name?: string; key?: string };
  return `: for ${name} ${key}`;
}

function proposed(changes: unknown): string {
  return (Array.isArray(changes) ? changes : [])
    .map(
      ({ path, before, after }) =>
        `${path} ${JSON.stringify(before ?? null)} -> ${JSON.stringify(after ?? null)}`,
    )
    .join(', ');
}
