/** A run as a page to print: from the gateway, or from a file that `countersign audit export` wrote. */
import { writeFile } from 'node:fs/promises';
import { errorText } from '../../plan/error-text.ts';
import { runName } from '../../plan/run-name.ts';
import { toHtml } from '../../presentation/html.ts';
import { toMarkdown } from '../../presentation/markdown.ts';
import { toPdf } from '../../presentation/pdf.ts';
import { runReport } from '../../presentation/run-report.ts';
import { runStory } from '../../presentation/run-story.ts';
import { usage } from '../exit.ts';
import { keptRun } from '../kept-run.ts';
import { type Options, text } from './options.ts';

export async function report([of = '']: string[], options: Options): Promise<void> {
  const { file, checked } = await keptRun(of, options);
  const story = runStory(file);
  const blocks = runReport(story, { checked, timezone: Intl.DateTimeFormat().resolvedOptions().timeZone });
  if (options.json) return console.log(JSON.stringify({ ...story, checked }));
  const [html, pdf] = [text(options, 'html'), text(options, 'pdf')];
  const title = `${runName(story.run)}${story.run.ticket ? `, ${story.run.ticket.key}` : ''}`;
  if (html) await written(html, toHtml(title, blocks));
  if (pdf) await written(pdf, await toPdf(title, blocks));
  if (!html && !pdf) console.log(toMarkdown(blocks));
}

async function written(path: string, content: string | Buffer): Promise<void> {
  try {
    await writeFile(path, content);
  } catch (error) {
    throw usage(`${path} cannot be written: ${errorText(error)}`);
  }
  console.log(`Wrote ${path}`);
}
