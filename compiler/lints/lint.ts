/** Asks the rules of good habit about a runbook, and weighs what was found as `countersign.yaml` says. */
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { rules } from './registry.ts';
import type { Linted, Rule, Weight } from './rule.ts';

export type Weights = Readonly<Record<string, Weight>>;

export function weightOf({ name, weight }: Rule, weights: Weights): Weight {
  return Object.hasOwn(weights, name) ? (weights[name] ?? weight) : weight;
}

/** Only of the rules that are on. */
export function lint(linted: Linted, weights: Weights): void {
  for (const rule of rules) if (weightOf(rule, weights) !== 'off') rule.check?.(linted);
}

/** The diagnostics as they weigh, without those of rules that are off. */
export function weighed(diagnostics: readonly Diagnostic[], weights: Weights): Diagnostic[] {
  const byCode = new Map(rules.map((rule) => [rule.definition.code, weightOf(rule, weights)]));
  return diagnostics.flatMap((diagnostic) => {
    const weight = byCode.get(diagnostic.code);
    if (weight === 'off') return [];
    return [weight === undefined ? diagnostic : { ...diagnostic, severity: weight }];
  });
}
