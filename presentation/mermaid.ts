/** The flow of a plan as a Mermaid flowchart. */
import type { ActionDescription } from '../plan/catalogue.ts';
import { innerLists } from '../plan/inner-steps.ts';
import type { Plan, Step } from '../plan/plan.ts';
import { descriptionOf } from '../plan/step-descriptions.ts';
import type { StepPicture } from '../plan/step-kinds/step-kind.ts';
import { captionOf, titleOf } from './procedure.ts';

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
      if (!innerLists(step).some(({ token }) => token !== undefined))
        skipped.push({ from: `${id}_if`, label: 'no' });
    }
    return [...this.inner(step, id, ways), ...skipped];
  }

  private inner(step: Step, id: string, ways: Way[]): Way[] {
    const title = titleOf(step, this.actions);
    const { flow, picture } = descriptionOf(step);
    const lists = innerLists(step);
    switch (flow) {
      case 'branches':
      case 'body': {
        this.open(id, title);
        const ends = lists.flatMap(({ steps }) => this.steps(steps, ways));
        this.close();
        return ends;
      }
      case 'choice':
        return lists.flatMap(({ steps, token }) =>
          this.steps(steps, token === undefined ? ways : [{ from: `${id}_if`, label: 'no' }]),
        );
      case 'work':
      case 'gate':
      case 'call':
      case 'end': {
        const [left, right] = shapes[picture];
        this.line(`${id}${left}${quoted(captionOf(step, title))}${right}`);
        this.join(ways, id);
        return flow === 'end' ? [] : [{ from: id }];
      }
    }
  }

  text(): string {
    return `${this.lines.join('\n')}\n`;
  }
}

const shapes: Record<StepPicture, [string, string]> = {
  work: ['[', ']'],
  signature: ['{{', '}}'],
  hand: ['[/', '/]'],
  pause: ['(', ')'],
  call: ['[[', ']]'],
  end: ['([', '])'],
  frame: ['[', ']'],
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
