/** Audit records and the check of them in plain words. */
import colors from 'picocolors';
import { type Suggested, suggestedLines } from '../presentation/gate-questions.ts';
import { listText } from '../presentation/journal-sentences.ts';
import type { AuditRecord } from '../store/audit/record.ts';
import type { Removed, Verdict } from '../store/audit/verify.ts';

/** What a record says, in one line. `titles` names the steps. */
export function recordText(record: AuditRecord, titles: Map<string, string>): string {
  const { kind, data, actor } = record;
  const title = record.step ? ` ${titles.get(record.step) ?? record.step}` : '';
  const reason = data.reason ? `: ${data.reason}` : '';
  const comment = data.comment ? ` — ${data.comment}` : '';
  const [family, phase] = kind.split('.');
  switch (kind) {
    case 'run.started':
      return `${actor} started the run (${data.cause}${data.ticket ? ` ${data.ticket}` : ''})`;
    case 'run.ended':
      return `the run ended: ${data.status}${reason}`;
    case 'run.corrected':
      return `the run ended, by its own word and not as a worker told that died: ${data.status}${reason}`;
    case 'action.begun':
      return `${data.action} begins${title}${attemptText(data.attempt)}${data.renamed ? ', on the system that was called otherwise when it was signed' : ''}`;
    case 'action.ended':
      return `${data.action} ${data.outcome}${data.verified ? ', and was read back' : ''}${title}${attemptText(data.attempt)}${failureText(data.failure)}`;
    case 'gate.opened':
      return `to be signed${title}: asked ${listText(data.asked)}`;
    case 'gate.escalated':
      return `escalated${title} to ${listText(data.asked)}`;
    case 'warrant.issued':
      return `warrant issued${title}: signed by ${listText(signersIn(data.votes))}`;
    case 'call.refused':
      return `${colors.red('refused')}${title}: ${data.what}: ${data.why}${data.andMore ? ' (further ones are not listed)' : ''}`;
    case 'question.asked':
      return Array.isArray(data.instead)
        ? `${actor} suggests before signing${title}: ${suggestedLines(data.instead as unknown as Suggested[]).join('; ')}: ${data.text}`
        : `${actor} asks before signing${title}: ${data.text}`;
    case 'question.answered':
      return data.became === undefined
        ? `${actor} answers question ${data.question}${title}: ${data.text}`
        : `${actor} has ${data.became} suggestion ${data.question}${title}${data.text ? `: ${data.text}` : ''}`;
    case 'question.accepting':
      return `${actor} accepts suggestion ${data.question}${title}, and the run is to be told`;
    case 'question.refused':
      return `the run refused suggestion ${data.question}${title}, which ${actor} accepted: ${data.reason}`;
    case 'file.opened':
      return `${actor} opened the ticket’s file ${data.name}`;
    case 'message.triedAgain':
      return `${actor} had “${data.subject}” to ${data.to} tried again`;
    case 'message.setAside':
      return `${actor} set “${data.subject}” to ${data.to} aside: ${data.why}`;
    case 'delegation.made':
      return `${actor} names ${data.delegate} for role:${data.role}, ${data.from} to ${data.to}`;
    case 'delegation.ended':
      return `${actor} ends what record ${data.made} says`;
    case 'run.pruned':
      return `${data.what === 'runs' ? 'the run' : 'its journal'} was removed by retention (${data.rule})`;
    case 'people.told':
      return `told ${listText(data.to)} (${data.what})${title}`;
    case 'vote.requested':
    case 'vote.accepted':
    case 'vote.refused':
    case 'vote.unknown':
    case 'command.requested':
    case 'command.accepted':
    case 'command.refused':
    case 'command.unknown': {
      const by = data.for ? `${data.for} (entered by ${actor}; minutes: ${data.minutes})` : actor;
      const what = family === 'vote' ? `${data.decision}${title}` : `${data.command}${title}`;
      return `${by}: ${what}, ${colored(phase)}${reason}${phase === 'requested' ? comment : ''}`;
    }
  }
}

function signersIn(votes: unknown): string[] {
  return Array.isArray(votes) ? votes.map(({ person }) => String(person)) : [];
}

function colored(phase = ''): string {
  if (phase === 'accepted') return colors.green(phase);
  return phase === 'requested' ? phase : colors.red(phase);
}

function attemptText(attempt: unknown): string {
  return Number(attempt) > 1 ? ` (attempt ${attempt})` : '';
}

function failureText(failure: unknown): string {
  if (typeof failure !== 'object' || failure === null) return '';
  const { message, requestId } = failure as { message?: string; requestId?: string };
  return `: ${message}${requestId ? ` (request ${requestId})` : ''}`;
}

/** And what could not be computed again, a line each. */
function computedText({ counts: { computed = 0 }, notComputed = [] }: Verdict): string[] {
  return [
    `What ${countText(computed, 'change')} was made with is what the plan makes of what was signed.`,
    ...notComputed.map(
      ({ what, why, times }) => `Not computed again: ${what}${times > 1 ? `, ${times} times` : ''}: ${why}.`,
    ),
  ];
}

export function verdictText(verdict: Verdict): string {
  const { intact, records, from, to, head, counts, findings, signatures } = verdict;
  if (!intact) {
    const [first, ...others] = findings;
    const more = others.length > 0 ? `\n${others.map(({ message }) => `  ${message}`).join('\n')}` : '';
    return `${colors.red('Not verified:')} ${first?.message}${more}`;
  }
  const agreeing = [
    countText(counts.votes, 'vote'),
    countText(counts.commands, 'command'),
    countText(counts.actions, 'action'),
  ];
  const signed =
    signatures === 'checked'
      ? 'Every record was signed by this installation.'
      : 'Signatures were not checked: that takes the installation’s keys (countersign audit verify RUN).';
  if (verdict.removed)
    return [
      `${colors.green('Verified:')} ${countText(records, 'record')}, chain unbroken from ${from} to ${to}.`,
      `${removedText(verdict.removed)} By the records: ${agreeing.join(', ')}.`,
      signed,
      `Head ${head}`,
    ].join('\n');
  return [
    `${colors.green('Verified:')} ${countText(records, 'record')}, chain unbroken from ${from} to ${to}; ${agreeing.join(', ')} agree with the journal.`,
    ...computedText(verdict),
    signed,
    `Head ${head}`,
  ].join('\n');
}

function removedText({ at, rule, what }: Removed): string {
  const gone = what === 'runs' ? 'The run and its journal were' : 'Its journal was';
  return `${gone} removed on ${at} by retention (${rule}).`;
}

function countText(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
