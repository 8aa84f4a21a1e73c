/** Whether what was asked, suggested and answered at a gate is what the other records of the run tell. */
import type { Json, JsonObject } from '../../plan/values.ts';
import type { AuditFile, Finding } from './file.ts';
import { type AuditRecord, isKnownDigest, type Signer } from './record.ts';

/** Each was asked about what was on record to be signed, and each answer is to a question of that signature. */
export function questionsAgree({ records }: AuditFile, signer: Signer | undefined): Finding[] {
  const about = records.filter(({ kind }) => kind === 'gate.opened' || kind.startsWith('question.'));
  return about.flatMap((record) => {
    const { kind, seq, step, data } = record;
    const before = about.filter((each) => each.step === step && each.seq < seq);
    const finding = (message: string): Finding[] => [{ record: seq, message }];
    if (kind === 'question.asked' && !before.some((each) => isOpening(each, data.hash)))
      return finding(
        `Record ${seq} is a question about "${step}", and what it asks about is not on record as to be signed.`,
      );
    if (kind !== 'question.answered') return [];
    const asked = before.find((each) => each.kind === 'question.asked' && each.seq === data.question);
    if (!asked)
      return finding(
        `Record ${seq} answers a question ${data.question} about "${step}", and there is no such question before it.`,
      );
    if (data.became === 'accepted' && !isInForce(asked, record, records, signer))
      return finding(
        `Record ${seq} accepts what record ${asked.seq} suggests, and it is not on record that the run was told so.`,
      );
    return [];
  });
}

function isOpening({ kind, data }: AuditRecord, hash: Json | undefined): boolean {
  return kind === 'gate.opened' && data.hash === hash;
}

/**
 * Whoever accepted it amended the inputs by just these values before. By the request, since that it was accepted may have been put on
 * record later.
 */
function isInForce(
  asked: AuditRecord,
  accepted: AuditRecord,
  records: readonly AuditRecord[],
  signer: Signer | undefined,
): boolean {
  const { instead } = asked.data;
  if (!Array.isArray(instead)) return false;
  const suggested = instead as { input: string; after: Json }[];
  const refused = new Set(
    records.flatMap(({ kind, data }) => (kind === 'command.refused' ? [String(data.request)] : [])),
  );
  return records.some(({ kind, seq, actor, data }) => {
    if (kind !== 'command.requested' || data.command !== 'amend' || refused.has(String(data.request)))
      return false;
    if (actor !== accepted.actor || seq < asked.seq || seq > accepted.seq) return false;
    const told = (data.inputs ?? {}) as JsonObject;
    return suggested.every(({ input, after }) => {
      const digest = told[input];
      return digest !== undefined && (!signer || isKnownDigest(signer, after, digest));
    });
  });
}
