/** The rules behind the firewall stand-in. Every change is an effect first, and is made from that effect alone. */
import type { Effect, Effects } from '../effects.ts';

export interface Rule {
  name: string;
  source: string;
  destination: string;
  port: number;
  protocol: string;
  action: string;
  comment?: string;
}

export interface Health {
  healthy: boolean;
  detail: string;
}

const seeded: Rule = {
  name: 'https-in',
  source: '0.0.0.0/0',
  destination: 'web-servers',
  port: 443,
  protocol: 'tcp',
  action: 'allow',
};

const fine: Health = { healthy: true, detail: 'All interfaces are up.' };

export class Rules {
  private readonly rules = new Map<string, Rule>();
  private readonly effects: Effects;
  /** Counts changes. */
  revision = 1;
  health: Health = fine;

  constructor(effects: Effects) {
    this.effects = effects;
    this.reset();
    for (const effect of effects.list({ system: 'firewall' })) this.apply(effect);
  }

  reset(): void {
    this.rules.clear();
    this.rules.set(seeded.name, seeded);
    this.revision = 1;
    this.health = fine;
  }

  list(): Rule[] {
    return [...this.rules.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  find(name: string): Rule | undefined {
    return this.rules.get(name);
  }

  /** The same rule once more changes nothing. */
  set(rule: Rule): void {
    const known = this.rules.get(rule.name);
    if (!known || !sameRule(known, rule))
      this.apply(this.effects.add('firewall', 'rule.set', rule.name, { rule }));
  }

  /** False when there is none. */
  remove(name: string): boolean {
    if (!this.rules.has(name)) return false;
    this.apply(this.effects.add('firewall', 'rule.removed', name));
    return true;
  }

  /** Somebody pulls a cable, or puts it back. */
  feel(health: Health): void {
    this.apply(this.effects.add('firewall', 'health.changed', 'firewall', { health }));
  }

  private apply({ effect, subject, detail = {} }: Effect): void {
    if (effect === 'health.changed') {
      this.health = detail.health as Health;
      return;
    }
    this.revision++;
    if (effect === 'rule.set') this.rules.set(subject, detail.rule as Rule);
    else this.rules.delete(subject);
  }
}

function sameRule(a: Rule, b: Rule): boolean {
  const parts = ({ source, destination, port, protocol, action, comment }: Rule) =>
    JSON.stringify([source, destination, port, protocol, action, comment]);
  return parts(a) === parts(b);
}
