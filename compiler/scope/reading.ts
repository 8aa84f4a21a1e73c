/** One place of a runbook as its readers have it: what can be seen from there, and what all readers of the runbook share. */
import type { Definition } from '../diagnostics/diagnostic.ts';
import type { Extra } from '../diagnostics/reporter.ts';
import type { Type } from '../expressions/types.ts';
import type { SourceRange } from '../source/source-file.ts';
import type { CompileSession } from './compile-session.ts';
import type { ScopeAt, ScopeState } from './scope-at.ts';

export class Reading {
  readonly scope: ScopeAt;
  readonly session: CompileSession;

  constructor(scope: ScopeAt, session: CompileSession) {
    this.scope = scope;
    this.session = session;
  }

  report<Params>(definition: Definition<Params>, at: SourceRange, params: Params, extra?: Extra): void {
    this.session.report(definition, at, params, extra);
  }

  with(change: Partial<ScopeState>): Reading {
    return this.at(this.scope.with(change));
  }

  /** The same place inside a condition. */
  guarded(guards: readonly string[], facts: readonly string[]): Reading {
    return this.at(this.scope.guarded(guards, facts));
  }

  /** Inside a container; steps read there become visible outside only by {@link adopt}. */
  inside(token: string): Reading {
    return this.at(this.scope.inside(token));
  }

  withName(name: string, type: Type): Reading {
    return this.at(this.scope.withName(name, type));
  }

  /** What became visible inside is visible here too. */
  adopt(inner: Reading): void {
    this.scope.adopt(inner.scope);
  }

  private at(scope: ScopeAt): Reading {
    return new Reading(scope, this.session);
  }
}
