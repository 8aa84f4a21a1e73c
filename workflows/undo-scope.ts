/** A part of a run that may be taken back by itself: the whole of it, a window, a round, an item. */
export class UndoScope {
  private readonly parent: UndoScope | undefined;

  constructor(parent?: UndoScope) {
    this.parent = parent;
  }

  isWithin(scope: UndoScope): boolean {
    return this === scope || (this.parent?.isWithin(scope) ?? false);
  }
}
