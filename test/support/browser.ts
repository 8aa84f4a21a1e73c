/** Debian's Chromium for tests of the console, and what every page of it must hold for people who cannot see or point. */

import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, chromium, type Page } from 'playwright-core';
import { skipped } from './skipped.ts';

const executablePath = '/usr/bin/chromium';

/** A browser with a new profile in a temporary folder, or undefined, having said why, when there is none. */
export async function testBrowser(): Promise<Browser | undefined> {
  if (!existsSync(executablePath)) {
    skipped(`tests that need a browser, ${executablePath}. On Debian: apt-get install chromium`);
    return undefined;
  }
  return chromium.launch({
    executablePath,
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** Whether anything on the page reaches past the screen's edge. */
export function scrollsSideways(page: Page): Promise<boolean> {
  return page.evaluate<boolean>('document.documentElement.scrollWidth > innerWidth');
}

/** What a person with a screen reader, or with poor sight, would stumble over; nothing when all is well. */
export async function accessibilityProblems(page: Page): Promise<string[]> {
  const [own, byAxe] = [await page.evaluate<string[]>(`(${lookAround})()`), await axeProblems(page)];
  return [...own, ...byAxe];
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** WCAG 2.2, levels A and AA, and what axe's authors hold for good practice. */
const axeTags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** What axe finds. Given to the page by the browser itself, past its policy of scripts. `rules`: only these. */
export async function axeProblems(page: Page, rules?: string[]): Promise<string[]> {
  // What is still appearing is not as it will be read: its colours are half way.
  await page.evaluate(
    'Promise.allSettled(document.getAnimations().filter((each) => each.effect?.getTiming().iterations !== Infinity).map((each) => each.finished))',
  );
  if (!(await page.evaluate<boolean>('"axe" in globalThis'))) await page.evaluate(axeSource);
  const runOnly = rules ? { type: 'rule', values: rules } : { type: 'tag', values: axeTags };
  return page.evaluate<string[]>(
    `axe.run(document, ${JSON.stringify({ runOnly, resultTypes: ['violations'], iframes: false })}).then(({ violations }) =>
      violations.flatMap(({ id, help, nodes }) =>
        nodes.map(({ html, any }) => 'axe ' + id + ': ' + help + ': ' + html.slice(0, 160) + ' ' + any.map(({ message }) => message).join(' ')),
      ),
    )`,
  );
}

/** Runs in the page, and holds what axe does not. As text, since this project's tests know no DOM types. */
const lookAround = String.raw`() => {
  const problems = [];
  const visible = (element) => element.checkVisibility() && element.getBoundingClientRect().width > 0;
  const all = (selector) => [...document.querySelectorAll(selector)].filter(visible);
  const brief = (element) => element.outerHTML.slice(0, 120);

  for (const element of all('svg:not([aria-hidden], [role=img])')) problems.push('has no text: ' + brief(element));
  for (const element of all('fieldset'))
    if (!element.querySelector('legend')?.textContent.trim()) problems.push('has no legend: ' + brief(element));
  for (const element of all('[aria-describedby]'))
    for (const id of element.getAttribute('aria-describedby').split(' '))
      if (document.querySelectorAll('#' + CSS.escape(id)).length > 1) problems.push('is described twice: ' + brief(element));
  const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
  for (const id of new Set(ids)) if (ids.filter((other) => other === id).length > 1) problems.push('id twice: ' + id);
  for (const [selector, count] of [['h1', 1], ['main', 1]])
    if (all(selector).length !== count) problems.push(all(selector).length + ' of ' + selector + ' instead of ' + count);
  if (!/ · Countersign$/.test(document.title)) problems.push('the title is ' + document.title);

  const colour = (text) => {
    const numbers = text.match(/[\d.]+/g).map(Number);
    const [r, g, b, a = 1] = text.startsWith('color(') ? [...numbers.slice(0, 3).map((n) => n * 255), numbers[3] ?? 1] : numbers;
    return { r, g, b, a };
  };
  const over = (top, under) => ({
    r: top.r * top.a + under.r * (1 - top.a), g: top.g * top.a + under.g * (1 - top.a), b: top.b * top.a + under.b * (1 - top.a), a: 1,
  });
  const ground = (element) => {
    const layers = [];
    for (let each = element; each; each = each.parentElement) {
      const layer = colour(getComputedStyle(each).backgroundColor);
      if (layer.a > 0) layers.push(layer);
      if (layer.a === 1) break;
    }
    return layers.reduceRight((under, top) => over(top, under), { r: 255, g: 255, b: 255, a: 1 });
  };
  const light = ({ r, g, b }) => {
    const [x, y, z] = [r, g, b].map((n) => (n / 255 <= 0.04045 ? n / 255 / 12.92 : ((n / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const contrast = (a, b) => {
    const [high, low] = [light(a), light(b)].sort((x, y) => y - x);
    return (high + 0.05) / (low + 0.05);
  };
  const seen = new Set();
  for (const element of all('body *')) {
    const style = getComputedStyle(element);
    const writes = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    const tooSmallToSee = element.closest('.unseen, :disabled');
    if (!writes || tooSmallToSee) continue;
    const ratio = contrast(over(colour(style.color), ground(element)), ground(element));
    const size = parseFloat(style.fontSize);
    const wanted = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
    const what = style.color + ' on ' + JSON.stringify(ground(element));
    if (ratio >= wanted || seen.has(what)) continue;
    seen.add(what);
    problems.push('contrast ' + ratio.toFixed(2) + ' of "' + element.textContent.trim().slice(0, 40) + '": ' + what);
  }
  for (const element of all('input:not([type=checkbox]), select, textarea')) {
    const ratio = contrast(colour(getComputedStyle(element).borderTopColor), ground(element.parentElement));
    if (ratio < 3) problems.push('contrast ' + ratio.toFixed(2) + ' of the edge of ' + brief(element));
  }
  return problems;
}`;
