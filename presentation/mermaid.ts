/** The flow of a plan as a Mermaid flowchart. */
import type { ActionDescription } from '../plan/catalogue.ts';
import type { Plan, Step } from '../plan/plan.ts';
import { titleOf } from './procedure.ts';

export function toMermaid(plan: Plan, actions: ReadonlyMap<string, ActionDescription>): string {
  const chart = new Chart(actions);
  chart.line('start([Start])');
  const last = chart.steps(plan.steps, [{ from: 'start' }]);
  chart.line('finish([End])');
  if (plan.finally.length > 0) {
    chart.open('finally', 'In any case');
    const end = chart.steps(plan.finally, last);
    chart.close();
    chart.join(end, 'finish');
  } else chart.join(last, 'finish');
  return chart.text();
}

/** Where the next step is reached from, and under which words. */
interface Way {
  from: string;
  label?: string;
}

class Chart {
  private readonly lines: string[] = ['flowchart TD'];
  private readonly actions: ReadonlyMap<string, ActionDescription>;
  private indent = 1;

  constructor(actions: ReadonlyMap<string, ActionDescription>) {
    this.actions = actions;
  }

  line(text: string): void {
    this.lines.push('  '.repeat(this.indent) + text);
  }

  open(id: string, title: string): void {
    this.line(`subgraph ${id}[${quoted(title)}]`);
    this.indent += 1;
  }

  close(): void {
    this.indent -= 1;
    this.line('end');
  }

  join(ways: readonly Way[], to: string): void {
    for (const { from, label } of ways)
      this.line(label ? `${from} -->|${quoted(label)}| ${to}` : `${from} --> ${to}`);
  }

  steps(steps: readonly Step[], before: readonly Way[]): Way[] {
    let ways = [...before];
    for (const step of steps) ways = this.step(step, ways);
    return ways;
  }

  private step(step: Step, before: readonly Way[]): Way[] {
    const id = `s_${step.id}`;
    const skipped: Way[] = [];
    let ways = [...before];
    if (step.if !== undefined) {
      this.line(`${id}_if{${quoted(step.if)}}`);
      this.join(ways, `${id}_if`);
      ways = [{ from: `${id}_if`, label: 'yes' }];
      if (step.kind !== 'group' || !step.else) skipped.push({ from: `${id}_if`, label: 'no' });
    }
    return [...this.inner(step, id, ways), ...skipped];
  }

  private inner(step: Step, id: string, ways: Way[]): Way[] {
    const title = titleOf(step, this.actions);
    switch (step.kind) {
      case 'parallel': {
        this.open(id, title);
        const ends = Object.values(step.branches).flatMap((branch) => this.steps(branch, ways));
        this.close();
        return ends;
      }
      case 'forEach':
      case 'repeat':
      case 'window': {
        this.open(id, title);
        const ends = this.steps(step.steps, ways);
        this.close();
        return ends;
      }
      case 'group': {
        const then = this.steps(step.steps, ways);
        return step.else ? [...then, ...this.steps(step.else, [{ from: `${id}_if`, label: 'no' }])] : then;
      }
      case 'end':
        this.line(`${id}([${quoted(`${title}: ${step.status}`)}])`);
        this.join(ways, id);
        return [];
      default: {
        const [left, right] = shapes[step.kind] ?? ['[', ']'];
        this.line(`${id}${left}${quoted(title)}${right}`);
        this.join(ways, id);
        return [{ from: id }];
      }
    }
  }

  text(): string {
    return `${this.lines.join('\n')}\n`;
  }
}

const shapes: Partial<Record<Step['kind'], [string, string]>> = {
  approve: ['{{', '}}'],
  task: ['[/', '/]'],
  wait: ['(', ')'],
  runbook: ['[[', ']]'],
};

/** As Mermaid takes any text. */
function quoted(text: string): string {
  const safe = text
    .replaceAll('#', '#35;')
    .replaceAll('"', '#quot;')
    .replaceAll('<', '#lt;')
    .replaceAll('>', '#gt;')
    .replace(/\s+/g, ' ');
  return `"${safe}"`;
}
