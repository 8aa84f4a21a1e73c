/** What a role is to decide and what it decided, from the records: read for all of it at once, since a board may have a hundred before it. */
import { defined } from '../plan/defined.ts';
import type { AgendaItem, Decision } from '../presentation/agenda.ts';
import { type Asking, type GateStory, gateStory } from '../presentation/gate-story.ts';
import type { GateOfRole, RunFacts } from '../store/agenda.ts';
import { differenceLines, previewText } from '../workflows/preview-text.ts';
import type { ApiParts } from './api/request.ts';
import { conflictsOf, plannedOf, plansOf, unended } from './planned-changes.ts';

type Parts = Pick<ApiParts, 'store' | 'library' | 'calendars'>;

/** The nearest deadline first, then the nearest window. `person` limits it to runs that concern them. */
export async function agendaOf(
  role: string,
  parts: Parts,
  person?: string,
): Promise<{ items: AgendaItem[]; more: boolean }> {
  const { gates: open, more } = await parts.store.agenda.open(role, person);
  if (open.length === 0) return { items: [], more };
  const facts = await parts.store.agenda.facts(open.map(({ run }) => run));
  const plans = await plansOf(
    [...facts.values()].map(({ row }) => row),
    parts,
  );
  const all = await unended(parts);
  const seen =
    person === undefined ? undefined : new Set((await unended(parts, person)).map(({ run }) => run));
  const items = open.flatMap(({ run, step, title, since, deadline }): AgendaItem[] => {
    const told = facts.get(run);
    if (!told) return [];
    const { row, journal } = told;
    const planned = plannedOf(row, { plan: plans.get(row.planHash ?? ''), journal }, parts);
    const { risk, affects, backout, from, to, calendar, frozenBy } = planned;
    const story = gateStory(step, journal, told.records);
    const asking = story.askings.at(-1);
    return [
      {
        ...aboutOf({ run, step }, told),
        title,
        since,
        ...defined({ deadline, risk, backout, from, to, calendar, frozenBy }),
        affects,
        conflicts: conflictsOf(planned, all, seen),
        would: wouldOf(asking),
        shown: asking?.shown ?? {},
        needed: asking?.needed ?? 0,
        asked: [...(asking?.asked ?? []), ...(asking?.escalatedTo ?? [])],
        votes: asking?.votes ?? [],
        questions: story.questions,
      },
    ];
  });
  const last = Number.MAX_SAFE_INTEGER;
  items.sort((a, b) => (a.deadline ?? last) - (b.deadline ?? last) || (a.from ?? last) - (b.from ?? last));
  return { items, more };
}

/** What was decided from one moment to another, and what was asked by then and is open: the oldest first. */
export async function minutesOf(
  role: string,
  { from, to }: { from: number; to: number },
  parts: Parts,
  person?: string,
): Promise<{ decisions: Decision[]; more: boolean }> {
  const { gates: asked, more } = await parts.store.agenda.asked(role, { from, to }, person);
  const facts = await parts.store.agenda.facts(asked.map(({ run }) => run));
  const plans = await plansOf(
    [...facts.values()].map(({ row }) => row),
    parts,
  );
  const decisions = asked.flatMap(({ run, step }): Decision[] => {
    const told = facts.get(run);
    if (!told) return [];
    const { journal, records, row } = told;
    const story = gateStory(step, journal, records);
    const titles = plans.get(row.planHash ?? '')?.steps ?? [];
    const id = step.replace(/\[.*$/, '');
    const title = titles.find((each) => each.id === id)?.title ?? id;
    const about = { ...aboutOf({ run, step }, told), title };
    return story.askings.flatMap((asking) => decisionOf(asking, { from, to, about, story, told }));
  });
  decisions.sort((a, b) => (a.at ?? Number.MAX_SAFE_INTEGER) - (b.at ?? Number.MAX_SAFE_INTEGER));
  return { decisions, more };
}

interface Within {
  from: number;
  to: number;
  about: Pick<Decision, 'run' | 'step' | 'title' | 'runTitle' | 'subject' | 'ticket' | 'requester'>;
  story: GateStory;
  told: RunFacts;
}

function decisionOf(asking: Asking, { from, to, about, story, told }: Within): Decision[] {
  const { at: since, end, needed, votes } = asking;
  if (since >= to) return [];
  // What was decided later was open then.
  const ended = end && end.at < to ? end : undefined;
  if (ended && ended.at < from) return [];
  if (!ended && story.askings.at(-1) !== asking && !end) return [];
  if (!end && told.row.endedAt) return [];
  return [
    {
      ...about,
      since,
      needed,
      votes: votes.filter(({ at }) => at < to),
      questions: story.questions.filter(({ at }) => at >= since && at < (end?.at ?? to)),
      ...defined({ became: ended?.how, at: ended?.at, reason: ended?.reason }),
    },
  ];
}

function aboutOf({ run, step }: GateOfRole, { row }: RunFacts) {
  const { title: runTitle, requester, subject, ticket } = row;
  return { run, step, runTitle, requester, ...defined({ subject, ticket: ticket?.key }) };
}

/** As people were shown it when they were asked. */
function wouldOf(asking: Asking | undefined): string[] {
  const { steps = [], stopped } = asking?.preview ?? {};
  return [
    ...steps.flatMap((step) => [`${step.title}: ${previewText(step)}`, ...differenceLines(step)]),
    ...(stopped ? [`What comes after that is not known: ${stopped}`] : []),
  ];
}
