/** A runbook for people: as a procedure to follow, and as a picture. */
import { toHtml } from '../../presentation/html.ts';
import { toMarkdown } from '../../presentation/markdown.ts';
import { toMermaid } from '../../presentation/mermaid.ts';
import { procedureOf } from '../../presentation/procedure.ts';
import { toSvg } from '../../presentation/svg.ts';
import { usage } from '../exit.ts';
import { knownActions, onePlan } from '../project.ts';
import { type Options, text } from './options.ts';

export async function docs([runbook = '']: string[], options: Options): Promise<void> {
  const format = formatOf(options, ['markdown', 'html']);
  const { plan } = await onePlan(runbook, text(options, 'config'));
  const actions = knownActions();
  const blocks = procedureOf(plan, actions);
  if (options.json) console.log(JSON.stringify({ runbook: plan.runbook, hash: plan.hash, blocks }, null, 2));
  else if (format === 'html') process.stdout.write(toHtml(plan.title, blocks, toSvg(plan, actions)));
  else {
    const flow = `\n## The flow\n\n\`\`\`mermaid\n${toMermaid(plan, actions)}\`\`\`\n`;
    process.stdout.write(toMarkdown(blocks) + flow);
  }
}

export async function graph([runbook = '']: string[], options: Options): Promise<void> {
  const format = formatOf(options, ['mermaid', 'svg']);
  const { plan } = await onePlan(runbook, text(options, 'config'));
  const picture = (format === 'svg' ? toSvg : toMermaid)(plan, knownActions());
  process.stdout.write(options.json ? `${JSON.stringify({ format, picture })}\n` : picture);
}

/** The first is meant when none is given. */
function formatOf(options: Options, formats: string[]): string {
  const format = text(options, 'format') ?? formats[0] ?? '';
  if (!formats.includes(format)) throw usage(`--format takes ${formats.join(' or ')}, not ${format}.`);
  return format;
}
