/** Where procedures are published: a folder by this process itself, everything else by declared actions. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { keyOf } from '../../activities/kit/call.ts';
import { defined } from '../../plan/defined.ts';
import type { CallContext, JsonObject } from '../../plan/plan.ts';
import type { Page } from './pages.ts';

export type Outcome = 'created' | 'written' | 'unchanged' | 'removed';

/** Calls an action on behalf of one page: a second call with the same page is known again. */
export type Act = (page: Page, action: string, input: JsonObject) => Promise<JsonObject>;

/** The same whenever and wherever it is published, so that what was made before is known again. */
export function callOf({ runbook }: Page): CallContext {
  return { run: 'procedures', runbook, step: `publish ${runbook}` };
}

export interface Target {
  /** What the command takes behind its name. */
  takes: string;
  /** `of` is that. */
  publish: (act: Act, page: Page, of: string, below: string | undefined) => Promise<Outcome>;
}

export const targets: Record<string, Target> = {
  confluence: {
    takes: 'the key of a space, such as IT',
    async publish(act, page, space, below) {
      const { title, html } = page;
      const made = await act(page, 'confluence.createPage', defined({ space, title, html, parent: below }));
      if (made.created === true) return 'created';
      const { id } = await act(page, 'confluence.findPage', { space, title });
      const there = await act(page, 'confluence.getPage', { page: String(id) });
      if (String(there.html).includes(page.mark)) return 'unchanged';
      await act(page, 'confluence.updatePage', { page: String(id), title, html, message: page.mark });
      return 'written';
    },
  },
  sharepoint: {
    takes: 'the address of a site, such as https://example.sharepoint.com/sites/it',
    async publish(act, page, url) {
      const { site } = await act(page, 'sharepoint.getSite', { url, name: siteName(url) });
      const name = `${page.runbook}.aspx`;
      const content = { site: String(site), title: page.title, html: page.html, description: page.mark };
      const made = await act(page, 'sharepoint.createPage', { ...content, name });
      const found = await act(page, 'sharepoint.findPage', { site: String(site), name });
      const at = { site: String(site), page: String(found.page) };
      const done =
        made.created === true ? made : await act(page, 'sharepoint.updatePage', { ...content, ...at });
      // Also a page that was written by an attempt that ended before it was shown.
      await act(page, 'sharepoint.publishPage', at);
      if (made.created === true) return 'created';
      return done.written === true ? 'written' : 'unchanged';
    },
  },
  servicenow: {
    takes: 'the name of a knowledge base',
    async publish(act, page, base) {
      const { html, mark } = page;
      const title = page.title.slice(0, 100);
      // Known again by its keywords, whatever it is called by now.
      const there = await act(page, 'servicenow.findArticle', { keyword: keyOf(callOf(page)) });
      if (there.found !== true) {
        await act(page, 'servicenow.createArticle', { base, title, html });
        return 'created';
      }
      const article = String(there.article);
      const done = await act(page, 'servicenow.updateArticle', { article, title, html, mark });
      return done.written === true ? 'written' : 'unchanged';
    },
  },
};

function siteName(url: string): string {
  return decodeURIComponent(new URL(url).pathname.split('/').filter(Boolean).at(-1) ?? '');
}

const ours = 'Written by Countersign from the runbook ';

/** A Markdown file a runbook, and a list of them. Files of runbooks that are gone are removed; what others put there stays. */
export function publishToFolder(folder: string, pages: readonly Page[]): Map<string, Outcome> {
  mkdirSync(folder, { recursive: true });
  const files = new Map(pages.map(({ runbook, markdown }) => [`${runbook}.md`, markdown]));
  const list = pages.map(({ runbook, title }) => `- [${title}](${runbook}.md)`).join('\n');
  files.set(
    'README.md',
    `# Procedures\n\n${list}\n\n_${ours}files of this repository. Changes here are lost._\n`,
  );
  const outcomes = new Map<string, Outcome>();
  for (const [name, text] of files) {
    const path = join(folder, name);
    const before = existsSync(path) ? readFileSync(path, 'utf8') : undefined;
    if (before !== undefined && before !== text && !before.includes(ours))
      throw new Error(`${path} is not of Countersign, and was left as it is. Name another folder.`);
    if (before !== text) writeFileSync(path, text);
    outcomes.set(name, before === undefined ? 'created' : before === text ? 'unchanged' : 'written');
  }
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (!name.endsWith('.md') || files.has(name) || !readFileSync(path, 'utf8').includes(ours)) continue;
    rmSync(path);
    outcomes.set(name, 'removed');
  }
  return outcomes;
}
