/** The flow of a plan as a picture: steps from top to bottom, branches side by side, what contains steps as a frame. */
import type { ActionDescription } from '../plan/catalogue.ts';
import { innerLists } from '../plan/inner-steps.ts';
import type { Plan, Step } from '../plan/plan.ts';
import { descriptionOf } from '../plan/step-descriptions.ts';
import type { StepPicture } from '../plan/step-kinds/step-kind.ts';
import { escaped } from './html.ts';
import { captionOf, titleOf } from './procedure.ts';
import { wrapped } from './text-width.ts';

const boxWidth = 230;
const gap = 26;
const padding = 14;
const lineHeight = 18;
const fontSize = 13;

/** Something drawn, with its top left corner at 0,0; arrows enter and leave it in the middle. */
interface Drawn {
  width: number;
  height: number;
  svg: string;
  /** Nothing follows it. */
  ends?: true;
}

export function toSvg(plan: Plan, actions: ReadonlyMap<string, ActionDescription>): string {
  const painter = new Painter(actions);
  const parts = [painter.pill('Start'), ...plan.steps.map((step) => painter.step(step))];
  if (plan.finally.length > 0) parts.push(painter.frame('In any case', painter.column(plan.finally)));
  parts.push(painter.pill('End'));
  const flow = stacked(parts);
  const [width, height] = [flow.width + 2 * padding, flow.height + 2 * padding];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="flow-title flow-description" font-family="system-ui, sans-serif" font-size="${fontSize}">
<title id="flow-title">${escaped(plan.title)}</title>
<desc id="flow-description">${escaped(`The flow of the runbook ${plan.runbook}, from top to bottom.`)}</desc>
<style>
.box { fill: #f4f6fa; stroke: #56657f; } .sign { fill: #fff3d6; stroke: #a86d00; } .hand { fill: #e8f5ec; stroke: #2c7a4b; } .pill { fill: #e9ebf0; stroke: #56657f; }
.frame { fill: none; stroke: #8390a8; stroke-dasharray: 5 4; } .arrow { fill: none; stroke: #56657f; stroke-width: 1.4; } .head { fill: #56657f; } text { fill: #1b2333; } .quiet { fill: #4d5a72; font-size: 11.5px; }
@media (prefers-color-scheme: dark) { .box { fill: #232b3b; stroke: #93a3c0; } .sign { fill: #3d3010; stroke: #e0aa3e; } .hand { fill: #16331f; stroke: #68c98b; } .pill { fill: #2b3446; stroke: #93a3c0; } .frame { stroke: #7786a3; } .arrow { stroke: #93a3c0; } .head { fill: #93a3c0; } text { fill: #eef1f7; } .quiet { fill: #b4bfd3; } }
</style>
<g transform="translate(${padding} ${padding})">
${flow.svg}
</g>
</svg>
`;
}

interface BoxStyle {
  style: string;
  /** The radius of its corners. */
  round: number;
  /** Stands before its title. */
  mark?: string;
}

const boxes: Record<StepPicture, BoxStyle> = {
  work: { style: 'box', round: 3 },
  signature: { style: 'sign', round: 3, mark: '✍ ' },
  hand: { style: 'hand', round: 3 },
  pause: { style: 'pill', round: 14 },
  call: { style: 'box', round: 3 },
  end: { style: 'pill', round: boxWidth / 2 },
  frame: { style: 'box', round: 8 },
};

class Painter {
  private readonly actions: ReadonlyMap<string, ActionDescription>;

  constructor(actions: ReadonlyMap<string, ActionDescription>) {
    this.actions = actions;
  }

  column(steps: readonly Step[]): Drawn {
    return stacked(steps.map((step) => this.step(step)));
  }

  step(step: Step): Drawn {
    const title = titleOf(step, this.actions);
    const condition = step.if === undefined ? [] : [`if ${step.if}`];
    const { flow, picture, details } = descriptionOf(step);
    const inside = innerLists(step).map(({ steps }) => steps);
    const framed = [title, ...condition].join(' · ');
    switch (flow) {
      case 'branches':
        return this.frame(framed, beside(inside.map((steps) => this.column(steps))));
      case 'body':
        return this.frame(framed, this.column(inside.flat()));
      case 'choice': {
        const frames = inside.map((steps, index) =>
          this.frame(
            index > 0 ? 'else' : step.if === undefined ? title : `if ${step.if}`,
            this.column(steps),
          ),
        );
        return frames.length === 1 ? (frames[0] as Drawn) : beside(frames);
      }
      case 'work':
      case 'gate':
      case 'call':
        return this.box(boxes[picture], title, [...(details?.(step) ?? []), ...condition]);
      case 'end':
        return { ...this.box(boxes[picture], captionOf(step, title), condition), ends: true };
    }
  }

  pill(text: string): Drawn {
    return {
      width: 90,
      height: 30,
      svg: `<rect class="pill" width="90" height="30" rx="15"/>${lineOf(text, 45, 20, '')}`,
    };
  }

  private box({ style, round, mark }: BoxStyle, title: string, more: string[]): Drawn {
    const lines = wrapped(`${mark ?? ''}${title}`, boxWidth - 24, fontSize);
    const quiet = more.flatMap((text) => wrapped(text, boxWidth - 24, 11.5));
    const height = (lines.length + quiet.length) * lineHeight + 16;
    const texts = [
      ...lines.map((text, index) => lineOf(text, boxWidth / 2, 22 + index * lineHeight, '')),
      ...quiet.map((text, index) =>
        lineOf(text, boxWidth / 2, 22 + (lines.length + index) * lineHeight, 'quiet'),
      ),
    ];
    const corner = Math.min(round, height / 2);
    return {
      width: boxWidth,
      height,
      svg: `<rect class="${style}" width="${boxWidth}" height="${height}" rx="${corner}"/>${texts.join('')}`,
    };
  }

  frame(title: string, inner: Drawn): Drawn {
    const width = Math.max(inner.width + 2 * padding, boxWidth + 2 * padding);
    const lines = wrapped(title, width - 2 * padding, 11.5);
    const top = lines.length * lineHeight + 12;
    const height = top + inner.height + padding;
    const texts = lines
      .map((text, index) => lineOf(text, width / 2, 18 + index * lineHeight, 'quiet'))
      .join('');
    return {
      width,
      height,
      svg: `<rect class="frame" width="${width}" height="${height}" rx="8"/>${texts}${at((width - inner.width) / 2, top, inner)}`,
    };
  }
}

function stacked(parts: readonly Drawn[]): Drawn {
  const width = Math.max(0, ...parts.map((part) => part.width));
  const pieces: string[] = [];
  let y = 0;
  for (const [index, part] of parts.entries()) {
    if (index > 0) {
      if (!parts[index - 1]?.ends) pieces.push(arrow(width / 2, y, y + gap));
      y += gap;
    }
    pieces.push(at((width - part.width) / 2, y, part));
    y += part.height;
  }
  return { width, height: y, svg: pieces.join('\n') };
}

function beside(parts: readonly Drawn[]): Drawn {
  const height = Math.max(0, ...parts.map((part) => part.height));
  const pieces: string[] = [];
  let x = 0;
  for (const part of parts) {
    pieces.push(at(x, 0, part));
    x += part.width + gap;
  }
  return { width: Math.max(0, x - gap), height, svg: pieces.join('\n') };
}

function at(x: number, y: number, part: Drawn): string {
  return `<g transform="translate(${x} ${y})">${part.svg}</g>`;
}

function arrow(x: number, from: number, to: number): string {
  return `<path class="arrow" d="M${x} ${from}V${to - 6}"/><path class="head" d="M${x - 4} ${to - 7}h8l-4 7z"/>`;
}

function lineOf(text: string, x: number, y: number, style: string): string {
  return `<text x="${x}" y="${y}" text-anchor="middle"${style ? ` class="${style}"` : ''}>${escaped(text)}</text>`;
}
