import { notCovered, notCurrent } from '../../../plan/warrant.ts';
import { PermanentFailure } from '../failures.ts';

/** A write that is not carried out, since nobody signed that: its step waits for a person, whatever its `onError` says. */
export class NotCovered extends PermanentFailure {
  override readonly name: string = notCovered;
  /** In words that follow "was not carried out:". */
  readonly why: string;

  constructor(why: string) {
    super(`Not carried out: ${why}.`);
    this.why = why;
  }
}

/** What it names was signed, and is not what is in force: the run calls it anew with what is. */
export class NotCurrent extends NotCovered {
  override readonly name: string = notCurrent;
}
