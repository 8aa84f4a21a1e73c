/** What became of a gate, in words. */
import type { Asking, ProposalTold } from '../api/types.ts';
import { enumerated, partyWords } from './words.ts';

/** `2 must approve, of CAB and dana@example.com`. */
export function ruleWords({ needed, from = [], quorum }: Pick<Asking, 'needed' | 'from' | 'quorum'>): string {
  const many = `${needed} must approve`;
  const why = quorum === 'majority' ? ', the majority' : quorum === 'all' ? ', all of them' : '';
  return from.length > 0 ? `${many}${why}, of ${enumerated(from.map(partyWords))}` : `${many}${why}`;
}

/** Of the settings of a system the one by which people know which it is: its tenant, or the machine at which it is. */
export function mainPartOf(parts: Readonly<Record<string, string>>): string {
  const { tenant, host } = parts;
  if (tenant !== undefined) return tenant;
  const address = Object.values(parts).find(
    (value) => URL.canParse(value) && /^(https?|ldaps?):/.test(value),
  );
  return (address === undefined ? host : new URL(address).host) ?? '';
}

export function endWords({ how, by = [], reason }: NonNullable<Asking['end']>): string {
  const because = reason ? `: ${reason}` : '';
  switch (how) {
    case 'approved':
      return `approved by ${enumerated(by)}`;
    case 'rejected':
      return 'rejected';
    case 'void':
      return 'void, as something that was shown changed; people were asked again';
    case 'fell':
      return `the change fell${because}`;
    case 'withdrawn':
      return 'the change was withdrawn';
    case 'ended':
      return `ended without a decision${because}`;
  }
}

export function proposalWords({ became, afterwards, end }: ProposalTold): string {
  const by = end && end.by.length > 0 ? ` by ${enumerated(end.by)}` : '';
  switch (became) {
    case 'open':
      return afterwards ? 'In force, and its signature is owed.' : 'Not in force, and not decided yet.';
    case 'countersigned':
      return afterwards ? `Signed afterwards${by}.` : `Signed${by}, and in force from then on.`;
    case 'fell':
      return `Fell${end?.reason ? `: ${end.reason}` : ''}${afterwards ? '.' : '. What was signed stayed.'}`;
    case 'withdrawn':
      return `Withdrawn${by}. What was signed stayed.`;
  }
}
