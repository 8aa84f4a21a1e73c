/** Looks, lists and marks of a declared action: what is there, by requests that change nothing. */
import type { Absent, AnswerRule, DeclaredList, DeclaredRequest, Look, Mark } from '../../plan/declared.ts';
import type { Json, JsonObject } from '../../plan/plan.ts';
import { PermanentFailure, RetryableFailure } from '../kit/failures.ts';
import type { Answer } from './answer.ts';
import { endsSo, meaningOf } from './answers.ts';
import type { Computing } from './computing.ts';
import { firstPage, isShort, nextPage } from './paging.ts';
import { type Rendered, rendered } from './render.ts';
import type { Sender } from './sender.ts';

/** Something is not there, and the action says what that means. */
export class Absence extends Error {
  readonly means: Absent['means'];
  constructor(means: Absent['means'], says: string) {
    super(says);
    this.means = means;
  }

  failure(): Error {
    return this.means === 'retry' ? new RetryableFailure(this.message) : new PermanentFailure(this.message);
  }
}

export class Looking {
  private readonly sender: Sender;
  private readonly rules: readonly AnswerRule[];
  private readonly signal: AbortSignal;
  private readonly conceal: (text: string) => void;

  constructor(
    sender: Sender,
    rules: readonly AnswerRule[],
    signal: AbortSignal,
    conceal: (text: string) => void,
  ) {
    this.sender = sender;
    this.rules = [...rules, ...sender.service.answers];
    this.signal = signal;
    this.conceal = conceal;
  }

  /** What all looks find; undefined when there is none and that may be. Rejects with an {@link Absence}. */
  async found(looks: readonly Look[], computing: Computing): Promise<Json | undefined> {
    const [only] = looks;
    if (only && looks.length === 1 && only.as === undefined) return this.look(only, computing);
    const found: JsonObject = {};
    for (const look of looks) {
      const value = await this.look(look, computing.with({ found }));
      if (value !== undefined) found[look.as ?? ''] = value;
    }
    return found;
  }

  /** An answer of success; everything else is the failure that it means. */
  async answer(request: DeclaredRequest, computing: Computing, absent?: Absent): Promise<Answer | undefined> {
    return this.asked(rendered(request, computing), computing, absent);
  }

  send(request: Rendered): Promise<Answer> {
    return this.sender.send(request, this.signal, this.conceal);
  }

  /** Before something is sent whose outcome must be known. */
  async signedIn(): Promise<void> {
    if (this.sender.asksToSignIn) await this.sender.signedIn(this.conceal);
  }

  meaning(answer: Answer, computing: Computing) {
    return meaningOf(answer, this.rules, this.sender.service, computing);
  }

  async list(list: DeclaredList, computing: Computing, absent?: Absent): Promise<Json[]> {
    const items: Json[] = [];
    const seen = new Set<string>();
    let afterShort = false;
    let request: Rendered | undefined = firstPage(rendered(list.request, computing), list);
    while (request) {
      const answer: Answer | undefined = await this.asked(request, computing, absent);
      if (!answer) return items;
      const answered = computing.withAnswer(answer);
      const page = answered.list(list.items).map((item) => answered.fitting(item, list.type, list.items));
      items.push(...page);
      if (items.length > list.most)
        throw new PermanentFailure(
          `${computing.placeOf(list.items)}${this.sender.service.title} has more than ${list.most} of what is asked for (${list.request.method} ${request.path}), and a list cut short would be a wrong one. Ask for less.`,
        );
      const count = page.length;
      request = nextPage(
        list,
        { request, answer, answered, count, soFar: items.length, afterShort },
        this.sender,
      );
      afterShort = isShort(list, count);
      const key = request && JSON.stringify([request.path, request.query]);
      if (key !== undefined && seen.has(key))
        throw new PermanentFailure(
          `${this.sender.service.title} gave the same page twice, so that the list has no end.`,
        );
      if (key !== undefined) seen.add(key);
    }
    return items;
  }

  /** The item that an earlier attempt made, or that is under way. */
  async marked(mark: Mark, computing: Computing): Promise<{ item: Json; own: boolean } | undefined> {
    const items = mark.list
      ? await this.list(mark.list, computing)
      : itemsOf(mark.of === undefined ? undefined : computing.value(mark.of));
    for (const item of items) {
      const ofItem = computing.with({ item });
      if (ofItem.holds(mark.where)) return { item, own: mark.own === undefined || ofItem.holds(mark.own) };
    }
    return undefined;
  }

  private async look(look: Look, computing: Computing): Promise<Json | undefined> {
    if (look.list) return this.lookAtList(look, look.list, computing);
    if (!look.one) return undefined;
    const answer = await this.answer(look.one.request, computing, look.absent);
    if (!answer) return undefined;
    const answered = computing.withAnswer(answer);
    return answered.fitting(answered.value(look.one.take), look.one.type, look.one.take);
  }

  private async lookAtList(look: Look, list: DeclaredList, computing: Computing): Promise<Json | undefined> {
    const all = await this.list(list, computing, look.absent);
    const { holds, where, pick } = look;
    if (holds !== undefined && !all.every((item) => computing.with({ item }).holds(holds)))
      throw new PermanentFailure(
        `${computing.placeOf(holds)}${this.sender.service.title} did not apply the condition of this search, so that what it gave cannot be used.`,
      );
    const items = where === undefined ? all : all.filter((item) => computing.with({ item }).holds(where));
    if (!pick) return items;
    if (items.length === 0) return this.absent(look.none, computing);
    if (pick.by === 'only' && items.length > 1) {
      const several = look.several ?? { means: 'permanent' as const };
      if (several.means === 'empty') return undefined;
      throw new Absence(
        several.means,
        this.saidOf(several, `there are ${items.length} of them, and one was asked for.`, computing),
      );
    }
    return pick.by === 'newest' ? newest(items, pick.value, computing) : items[0];
  }

  private absent(absent: Absent | undefined, computing: Computing): undefined {
    if (!absent || absent.means === 'empty') return undefined;
    throw new Absence(absent.means, this.saidOf(absent, 'there is none.', computing));
  }

  private async asked(
    request: Rendered,
    computing: Computing,
    absent: Absent | undefined,
  ): Promise<Answer | undefined> {
    const answer = await this.send(request);
    const { means, failure } = this.meaning(answer, computing);
    const isAbsent = means === 'absent' || (answer.ended && saysHow(absent) && endsSo(answer, absent));
    if (isAbsent && absent) {
      if (absent.means === 'empty') return undefined;
      throw new Absence(
        absent.means,
        this.saidOf(
          absent,
          answer.ended?.message ?? `it has no ${decodeURIComponent(request.path)}.`,
          computing,
        ),
      );
    }
    if (failure) throw failure;
    return answer;
  }

  private saidOf({ says }: Absent, otherwise: string, computing: Computing): string {
    return says === undefined ? `${this.sender.service.title}: ${otherwise}` : computing.text(says);
  }
}

function saysHow(absent: Absent | undefined): absent is Absent {
  return absent?.exit !== undefined || absent?.error !== undefined;
}

function itemsOf(value: Json | undefined): Json[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

function newest(items: Json[], by: string, computing: Computing): Json | undefined {
  const valued = items.map((item) => ({ item, value: computing.with({ item }).value(by) ?? '' }));
  return valued.reduce((a, b) => ((b.value ?? '') > (a.value ?? '') ? b : a)).item;
}
