/** Asking people to sign, reminding them, and taking it further. */
import { resolvePeople } from '../../organisation/people.ts';
import { recordersOf, seatsOf } from '../../organisation/signers.ts';
import { defined, unlessEmpty } from '../../plan/defined.ts';
import { hashOf } from '../../plan/hash.ts';
import type { CallContext, Duration, Json, JsonObject } from '../../plan/plan.ts';
import type {
  EscalateGateResult,
  OpenGateInput,
  OpenGateResult,
  ProposalFellInput,
  RemindGateResult,
} from '../../workflows/engine-activities.ts';
import type { Preview, ProposalView } from '../../workflows/messages.ts';
import {
  aboutGate,
  byHandLines,
  formLines,
  type GateNotice,
  howToAnswer,
  previewLines,
  proposalLines,
  restLines,
  showLines,
  valueLines,
} from './gate-words.ts';
import { type EngineRecord, type EngineServices, localTime, noticeId, tell } from './services.ts';
import { askedBy, nobodyMaySign, othersWhoCould, signersBy } from './who-is-asked.ts';

export interface EscalateInput extends GateNotice {
  from: string[];
  barred: string[];
  within?: Duration;
  now: number;
  /** How often it was taken further before. */
  times?: number;
}

export interface RecordedVote {
  step: string;
  title: string;
  runbookTitle: string;
  member: string;
  decision: 'approve' | 'reject';
  by: string;
  minutes: string;
  at: number;
}

export async function openGate(
  input: OpenGateInput,
  call: CallContext,
  services: EngineServices,
): Promise<OpenGateResult> {
  const roles = services.roles();
  const except = resolvePeople(
    (input.except ?? []).filter((name) => name !== ''),
    roles,
  );
  const { approvers, standIns, needed } = askedBy(input, except, services);
  const after = (length: Duration) => services.calendars().after(input.openedAt, length);
  const deadline = input.within && after(input.within);
  const remindAt = input.remind && after(input.remind);
  const preview = input.proposal ? undefined : await services.preview?.(call);
  // Votes are bound to the preview too: whoever signs has seen exactly this.
  const hash = hashOf(preview ? { ...input.shown, preview: preview as unknown as Json } : input.shown);
  // A change is signed for the systems for which the whole was.
  const systems = input.proposal ? undefined : await services.systemsBehind?.(call, input.step);
  await services.record?.({
    call,
    kind: 'gate.opened',
    step: input.step,
    data: {
      asked: approvers,
      needed,
      hash,
      from: input.from,
      quorum: input.quorum,
      ...defined({
        barred: unlessEmpty(input.barred),
        leftOut: unlessEmpty(except),
        standIns: unlessEmpty(standIns),
        seats: unlessEmpty(seatsOf(standIns, input.from, roles)),
        deadline,
        revision: input.revision,
        proposal: input.proposal,
        systems: systems && unlessEmpty(systems as unknown as JsonObject),
      }),
      configuration: hashOf(roles as unknown as Json),
    },
    paper: paperOf(input, hash, preview),
  });
  await tell(call, services, askingNotice({ input, call, services, approvers, preview, deadline }));
  const recorders = recordersOf(approvers, input.from, roles);
  return {
    approvers,
    needed,
    hash,
    ...(input.configured ? { instead: input.instead ?? [] } : {}),
    ...defined({
      except: unlessEmpty(except),
      deadline,
      remindAt,
      standIns: unlessEmpty(standIns),
      seats: unlessEmpty(seatsOf(standIns, input.from, roles)),
      recorders: unlessEmpty([...new Set(Object.values(recorders).flat())]),
      recordersOf: unlessEmpty(recorders),
      preview,
      ...(input.configured ? { notice: noticeId(call, 'ask', [input.revision, timeOf(input.shown)]) } : {}),
      ...(input.configured ? othersWhoCould(input, services) : {}),
    }),
  };
}

/** What those who vote now have been shown, and what waits for them. */
function paperOf(
  { shown, revision = 1, carried }: OpenGateInput,
  hash: string,
  preview: Preview | undefined,
): NonNullable<EngineRecord['paper']> {
  const proposed = (shown.proposed ?? []) as unknown as ProposalView[];
  const held = carried ? [] : proposed.filter(({ afterwards }) => !afterwards);
  return defined({
    revision,
    hash,
    shown,
    preview: preview as unknown as Json | undefined,
    holds: held.flatMap(({ changes }) => changes.map(({ path }) => path)),
  });
}

interface Asking {
  input: OpenGateInput;
  call: CallContext;
  services: EngineServices;
  approvers: string[];
  preview: Preview | undefined;
  deadline: number | undefined;
}

/** Asked for in a later round, or tried again, it is another question: a message of its own. */
function timeOf({ time }: JsonObject): number | undefined {
  return typeof time === 'number' ? time : undefined;
}

function askingNotice({ input, call, services, approvers, preview, deadline }: Asking) {
  const asked = { ...input, people: approvers, ...defined({ deadline }) };
  const proposed = (input.shown.proposed ?? []) as unknown as ProposalView[];
  const who = input.requester.name ?? input.requester.id;
  return {
    step: input.step,
    what: 'ask',
    id: noticeId(call, 'ask', [input.revision, timeOf(input.shown)]),
    to: approvers,
    subject: `${proposed.length > 0 ? 'Please sign again' : 'Please sign'}: ${input.title} (${input.runbookTitle})`,
    text: [
      ...(proposed.length > 0
        ? [
            'What you signed is asked to be changed. It is not in force before you have signed it.',
            '',
            ...proposalLines(proposed, input.titles),
          ]
        : [
            `${who} asks for your signature.`,
            ...(input.shown.askerNotKnown
              ? ['Who asked is not known by address: sign only if it was not yourself.']
              : []),
          ]),
      '',
      `${input.runbookTitle}: ${input.title}`,
      ...showLines(input.shown),
      ...byHandLines(input.shown, input.titles),
      ...restLines(input.shown),
      ...previewLines(preview),
      ...formLines(input.form),
      '',
      ...howToAnswer(asked, call, services),
    ].join('\n'),
    about: aboutGate(asked, call),
  };
}

/** Absences and delegates are looked up again: who stands in since then is asked too. */
export async function remindGate(
  notice: GateNotice,
  call: CallContext,
  services: EngineServices,
): Promise<RemindGateResult | null> {
  if (notice.differs) {
    await tell(call, services, differingNotice(notice, notice.differs, call, services));
    return null;
  }
  const { input, result } = askedToday(notice, services);
  if (input.people.length === 0) return result;
  const [what, words] = input.asked
    ? ['asked', 'Please sign']
    : ['remind', 'Still waiting for your signature'];
  const id = noticeId(call, what, [
    input.revision,
    input.time,
    // Those whom the owner asks next are others than those asked before, about the same.
    input.asked && hashOf(input.people).slice(0, 12),
  ]);
  await tell(call, services, {
    step: input.step,
    what,
    id,
    to: input.people,
    subject: `${words}: ${input.title} (${input.runbookTitle})`,
    text: howToAnswer(input, call, services).join('\n'),
    about: aboutGate(input, call),
    ...defined({ seats: result?.seats }),
  });
  return input.asked ? { approvers: [], notice: id } : result;
}

/** An approval stands for the values that were filled in with it, so that all must have filled in the same. */
function differingNotice(
  notice: GateNotice,
  { by, form, vote }: NonNullable<GateNotice['differs']>,
  call: CallContext,
  services: EngineServices,
) {
  const { step, title, runbookTitle, people, revision, time } = notice;
  return {
    step,
    what: 'differs',
    id: noticeId(call, 'differs', [revision, time, vote]),
    to: people,
    subject: `Please sign again, with other values: ${title} (${runbookTitle})`,
    text: [
      `${by} approved "${title}" after you, and filled in something else. Your approval does not count with that: all who sign must fill in the same.`,
      '',
      `${by} filled in:`,
      ...valueLines(form),
      '',
      'Approve with these values, or with yours again, and the others are asked.',
      ...howToAnswer(notice, call, services, form),
    ].join('\n'),
    about: aboutGate(notice, call, form),
  };
}

function askedToday(
  notice: GateNotice,
  services: EngineServices,
): { input: GateNotice; result: RemindGateResult | null } {
  const { from, barred = [], people, asked, now } = notice;
  if (from === undefined || now === undefined || asked) return { input: notice, result: null };
  const today = signersBy(from, barred, now, services);
  const others = today.people.filter((person) => !notice.approvers?.includes(person));
  if (others.length === 0) return { input: notice, result: null };
  return {
    input: { ...notice, people: [...people, ...others] },
    result: {
      approvers: others,
      ...defined({
        standIns: unlessEmpty(today.standIns),
        seats: unlessEmpty(seatsOf(today.standIns, from, services.roles())),
      }),
    },
  };
}

export async function escalateGate(
  input: EscalateInput,
  call: CallContext,
  services: EngineServices,
): Promise<EscalateGateResult> {
  const { people: approvers, standIns } = signersBy(input.from, input.barred, input.now, services);
  if (approvers.length === 0) throw nobodyMaySign(input.from, services);
  const asStandIns = {
    standIns: unlessEmpty(standIns),
    seats: unlessEmpty(seatsOf(standIns, input.from, services.roles())),
  };
  const deadline = input.within && services.calendars().after(input.now, input.within);
  const asked = { ...input, people: approvers, ...defined({ deadline }) };
  await services.record?.({
    call,
    kind: 'gate.escalated',
    step: input.step,
    data: { asked: approvers, ...defined({ deadline, ...asStandIns }) },
  });
  const notice = noticeId(call, 'escalate', [input.revision, input.times, input.time]);
  await tell(call, services, {
    step: input.step,
    what: 'escalate',
    id: notice,
    to: approvers,
    subject: `Nobody answered in time, please sign: ${input.title} (${input.runbookTitle})`,
    text: howToAnswer(asked, call, services).join('\n'),
    about: aboutGate(asked, call),
  });
  return {
    approvers,
    ...defined({ deadline, notice: input.times === undefined ? undefined : notice, ...asStandIns }),
  };
}

/** Whose vote was entered by somebody else hears of it at once, and can still say otherwise before it counts. */
export async function voteRecorded(
  input: RecordedVote,
  call: CallContext,
  services: EngineServices,
): Promise<{ countsFrom: number }> {
  const countsFrom = services.calendars().after(input.at, services.objection?.() ?? { businessDays: 1 });
  const until = localTime(countsFrom, services.calendars().timezone);
  await tell(call, services, {
    step: input.step,
    what: 'recorded',
    id: noticeId(call, 'recorded', [input.at, input.member, input.decision]),
    to: [input.member],
    subject: `Your vote was entered: ${input.title} (${input.runbookTitle})`,
    text: [
      `${input.by} entered that you ${input.decision === 'approve' ? 'approve' : 'refuse'} "${input.title}" (${input.runbookTitle}), as it stands in ${input.minutes}.`,
      '',
      `It counts from ${until}. If it is not so, vote yourself before then:`,
      ...howToAnswer({ ...input, people: [input.member] }, call, services),
    ].join('\n'),
    about: aboutGate({ ...input, deadline: countsFrom }, call),
  });
  return { countsFrom };
}

/** Whoever proposed a change, and the owner of the run. */
export async function proposalFell(
  { id, by, owner, runbookTitle, changes, reason, inForce, titles }: ProposalFellInput,
  call: CallContext,
  services: EngineServices,
): Promise<null> {
  const look = `Look at it: countersign show ${call.run}`;
  const people = [...resolvePeople([owner], services.roles()), ...(by.includes('@') ? [by] : [])];
  await tell(call, services, {
    step: call.step,
    what: 'fell',
    id: noticeId(call, 'fell', [id]),
    to: [...new Set(people)],
    subject: `Not signed: a change in ${runbookTitle}`,
    text: [
      inForce
        ? `A change by ${by} took effect at once, and was not signed afterwards. It stays until somebody decides otherwise.`
        : `A change by ${by} was not signed, so it does not take effect. The run goes on with what was signed.`,
      '',
      ...proposalLines([{ id, by, at: 0, changes }], titles),
      '',
      `Why: ${reason}.`,
      look,
    ].join('\n'),
    about: { page: 'run', id: call.run, commands: [look] },
  });
  return null;
}
