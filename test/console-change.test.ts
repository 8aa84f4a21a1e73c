/** A change in the console: a board of which two must sign, a task with a form, a window that is not open. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { type Stack, startStack } from '../cli/dev/stack.ts';
import { packageRoot } from '../store/package-root.ts';
import { accessibilityProblems, scrollsSideways, testBrowser } from './support/browser.ts';
import { describeWith } from './support/services.ts';
import { until } from './support/stack.ts';

const browser = await testBrowser();
const folder = join(packageRoot(), 'test', 'console');
const dataFolder = join(packageRoot(), '.countersign', 'test', `console-change-${process.pid}`);
const log: string[] = [];
const pin = 'kX-4471-canary';
const pages: Page[] = [];

let stack: Stack;

/** The codes of people who sign in on this machine also stand in the gateway's log. */
function codesOf(person: string): string[] {
  return log.flatMap((line) => new RegExp(`Sign-in code for ${person}: (\\S+)`).exec(line)?.[1] ?? []);
}

async function signedIn(person: string, path: string, viewport = { width: 360, height: 740 }): Promise<Page> {
  if (!browser) throw new Error('no browser');
  const context = await browser.newContext({ viewport, timezoneId: 'Europe/Berlin' });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  pages.push(page);
  await page.goto(stack.addresses.gateway + path);
  const before = codesOf(person).length;
  await page.getByLabel('Your e-mail address').fill(person);
  await page.getByRole('button', { name: 'Send the code' }).click();
  const code = await until(`a code for ${person}`, async () => codesOf(person)[before]);
  await page.getByLabel('The code').fill(code);
  await page.getByRole('navigation', { name: 'Main' }).waitFor();
  return page;
}

describeWith(browser)('A change in the console', () => {
  beforeAll(async () => {
    rmSync(dataFolder, { recursive: true, force: true });
    mkdirSync(dataFolder, { recursive: true });
    stack = await startStack({
      dataFolder,
      runbooks: join(folder, 'runbooks'),
      configuration: join(folder, 'countersign.yaml'),
      environment: { COUNTERSIGN_PORT: '0' },
      log: (part, line) => log.push(`${part} ${line}`),
    });
  }, 300_000);

  afterEach(async () => {
    await Promise.all(pages.splice(0).map((page) => page.context().close()));
  });

  afterAll(async () => {
    await browser?.close();
    await stack?.stop();
    rmSync(dataFolder, { recursive: true, force: true });
  }, 60_000);

  let run = '';

  it('is asked for by a form, whose sealed input no page shows again', async () => {
    const page = await signedIn('kim.okafor@example.com', '/runbooks/close-account/start');
    await page.getByLabel("The account's address").fill('sam.lindqvist@example.com');
    await page.getByLabel('Why it is closed').selectOption('Duplicate');
    await page.getByLabel('Its mail must be kept').uncheck();
    await page.getByLabel('PIN of the archive').fill(pin);
    expect(await page.getByLabel('PIN of the archive').getAttribute('type')).toBe('password');
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.getByRole('button', { name: 'Start the run' }).click();
    await page.locator('#step-board').getByText('waiting').waitFor();
    await page.getByText('sealed').waitFor();
    expect(await page.content()).not.toContain(pin);
    expect(await scrollsSideways(page)).toBe(false);
    run = new URL(page.url()).pathname.split('/').at(-1) ?? '';
  });

  it('lets the board ask before it signs, and shows the answer on the page that was left open', async () => {
    const path = `/runs/${run}/gates/board`;
    const alex = await signedIn('alex.duarte@example.com', path);
    await alex.getByLabel('Ask before you sign').waitFor();
    await alex.getByRole('button', { name: 'Ask' }).click();
    await alex.getByText('Please write something.').waitFor();
    await alex.getByLabel('Ask before you sign').fill('Who else reads this mailbox?');
    expect(await accessibilityProblems(alex)).toEqual([]);
    await alex.getByRole('button', { name: 'Ask' }).click();
    await alex.getByText('alex.duarte@example.com asks').waitFor();
    expect(await scrollsSideways(alex)).toBe(false);

    const kim = await signedIn('kim.okafor@example.com', '/', { width: 1280, height: 800 });
    await kim.getByRole('list', { name: 'Waiting for you' }).getByText('Question').click();
    const answer = kim.getByLabel('Your answer to alex.duarte@example.com');
    await answer.waitFor();
    expect(await accessibilityProblems(kim)).toEqual([]);
    // By keyboard alone.
    await answer.focus();
    await kim.keyboard.type('Nobody, since March.');
    await kim.keyboard.press('Tab');
    await kim.keyboard.press('Enter');
    await kim.getByText('kim.okafor@example.com answers').waitFor();
    expect(await kim.getByLabel('Ask before you sign').count()).toBe(0);

    await alex.getByText('Nobody, since March.').waitFor();
    expect(await accessibilityProblems(alex)).toEqual([]);
    expect(await scrollsSideways(alex)).toBe(false);
    await pictureOf(alex, 'questions-phone');
    await pictureOf(kim, 'questions-desk');
  });

  it('shows the board its risk, its way back, its window and what is for good, and tells how many signatures it still needs', async () => {
    const path = `/runs/${run}/gates/board`;
    const alex = await signedIn('alex.duarte@example.com', path);
    for (const text of [
      'high',
      'sam.lindqvist@example.com and shared mailboxes',
      'for good',
      '0 of 2 needed',
    ])
      await alex.getByText(text).first().waitFor();
    await alex.getByText(/^An administrator restores the account/).waitFor();
    await alex.getByText('Window', { exact: true }).waitFor();
    expect(await scrollsSideways(alex)).toBe(false);
    expect(await accessibilityProblems(alex)).toEqual([]);
    const vote = async (page: Page, decision: string) => {
      await page.getByRole('button', { name: decision }).click();
      await page.getByRole('dialog').getByRole('button', { name: decision }).click();
    };
    // What the board fills in is part of what it signs: nothing is asked before it is there, and nothing sent that does not fit.
    const kept = (page: Page) => page.getByLabel('How long its mail is kept');
    await alex.getByRole('button', { name: 'Approve' }).click();
    await alex.getByText('Please fill this in.').waitFor();
    await kept(alex).fill('2026-05-31');
    await alex.getByLabel('What the archive is told').fill('much more than fits');
    await vote(alex, 'Approve');
    await alex.getByText(/may have at most 12 characters/).waitFor();
    expect(await accessibilityProblems(alex)).toEqual([]);
    expect(await scrollsSideways(alex)).toBe(false);
    await alex.getByLabel('What the archive is told').fill('');
    await alex.getByRole('button', { name: 'Approve' }).click();
    await alex.getByRole('dialog').getByText('2026').waitFor();
    await alex.getByRole('dialog').getByRole('button', { name: 'Approve' }).click();
    await alex.getByText('1 of 2 signatures are there.').waitFor();

    const dana = await signedIn('dana.reyes@example.com', path);
    await dana.getByText('1 of 2 needed').waitFor();
    expect(await kept(dana).inputValue()).toBe('2026-05-31');
    await kept(dana).fill('2026-06-30');
    await vote(dana, 'Approve');
    await dana.getByText(/alex\.duarte@example\.com filled in something else before/).waitFor();

    const again = await signedIn('alex.duarte@example.com', path);
    await again.getByText('dana.reyes@example.com filled in something else after you.').waitFor();
    expect(await kept(again).inputValue()).toBe('2026-06-30');
    expect(await accessibilityProblems(again)).toEqual([]);
    expect(await scrollsSideways(again)).toBe(false);
    await vote(again, 'Approve');
    await again.getByText('No more signatures are needed here.').waitFor();

    const morgan = await signedIn('morgan.weiss@example.com', path);
    await morgan.getByText('There is nothing to sign here any more.').waitFor();
    for (const said of ['Who else reads this mailbox?', 'Nobody, since March.'])
      await morgan.getByText(said).waitFor();
    await morgan
      .getByText(
        /was signed by alex\.duarte@example\.com and dana\.reyes@example\.com, with Kept until .*2026/,
      )
      .waitFor();
  });

  it('hands out a task, whose form the coordinator fills in, and then says for which window it waits', async () => {
    const page = await signedIn('kim.okafor@example.com', '/');
    await page.getByRole('list', { name: 'Waiting for you' }).getByText('Put the mail away').click();
    await page.getByText(/^Export the mailbox of sam\.lindqvist@example\.com/).waitFor();
    await page.getByLabel('How many mails were exported').fill('0');
    await page.getByLabel('A sample of it opens').check();
    await page.getByRole('button', { name: 'It is done' }).click();
    await page.getByText('Please fill this in.').waitFor();
    await page.getByText(/must be at least 1/).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    expect(await scrollsSideways(page)).toBe(false);
    await page.getByLabel('Which archive').selectOption('Archive B');
    await page.getByLabel('How many mails were exported').fill('1204');
    await page.getByRole('button', { name: 'It is done' }).click();
    await page.getByText('Reported as done.').waitFor();
    await page.getByRole('link', { name: 'see the run' }).click();
    const archive = page.locator('#step-archive');
    await archive.getByText('done').waitFor();
    await archive.locator('summary').click();
    await archive.getByText('1204').waitFor();
    // At night it goes on by itself.
    await page
      .locator('#step-night')
      .getByText(/^(waiting|running|done)$/)
      .waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
  });

  it('lets a member name who signs for them, who is asked, signs for them, and stands so on the page and in the record', async () => {
    const morgan = await signedIn('morgan.weiss@example.com', '/');
    await morgan.getByRole('button', { name: 'Signed in as morgan.weiss@example.com' }).click();
    await morgan.getByRole('link', { name: 'Who signs for me' }).click();
    await morgan.getByRole('heading', { name: 'Somebody signs for me' }).waitFor();
    await morgan.getByRole('button', { name: 'Name them' }).click();
    await morgan.getByText('Please choose who signs for you.').waitFor();
    expect(await accessibilityProblems(morgan)).toEqual([]);
    await morgan.getByLabel('Who', { exact: true }).selectOption('robin.vale@example.com');
    await morgan.getByRole('button', { name: 'Name them' }).click();
    await morgan.getByText('signs for morgan.weiss@example.com as one of').waitFor();
    expect(await accessibilityProblems(morgan)).toEqual([]);
    expect(await scrollsSideways(morgan)).toBe(false);
    await pictureOf(morgan, 'stand-ins-phone');

    const kim = await signedIn('kim.okafor@example.com', '/stand-ins', { width: 1280, height: 800 });
    const second = await fetched<{ id: string }>(kim, '/runs', {
      runbook: 'close-account',
      inputs: { account: 'lou.maier@example.com', reason: 'Duplicate', backup: false, pin },
    });
    const gate = await until('the gate', async () => {
      const found = await fetched<{ approvers?: string[] }>(kim, `/runs/${second.id}/steps/board/gate`);
      return found.approvers ? found : undefined;
    });
    expect(gate).toMatchObject({ seats: { 'robin.vale@example.com': 'morgan.weiss@example.com' } });
    const robin = await signedIn('robin.vale@example.com', `/runs/${second.id}/gates/board`);
    await robin.getByText('for morgan.weiss@example.com, who is away').waitFor();
    expect(await accessibilityProblems(robin)).toEqual([]);
    await robin.getByLabel('How long its mail is kept').fill('2026-06-30');
    await robin.getByRole('button', { name: 'Approve' }).click();
    await robin.getByRole('dialog').getByRole('button', { name: 'Approve' }).click();
    await robin.getByText('1 of 2 signatures are there.').waitFor();
    const told = await until('the vote on record', async () => {
      const { askings } = await fetched<{ askings: { votes: object[]; standIns: object }[] }>(
        kim,
        `/runs/${second.id}/steps/board/signatures`,
      );
      return askings[0]?.votes.length === 1 ? askings[0] : undefined;
    });
    expect(told).toMatchObject({
      standIns: { 'robin.vale@example.com': 'morgan.weiss@example.com' },
      votes: [{ by: 'robin.vale@example.com', for: 'morgan.weiss@example.com' }],
    });
    // Whoever named them is not asked besides: the two have one vote.
    await morgan.goto(`${stack.addresses.gateway}/runs/${second.id}/gates/board`);
    await morgan.getByText('You do not sign this.').waitFor();

    await morgan.goto(`${stack.addresses.gateway}/stand-ins`);
    await morgan.getByRole('button', { name: /^Take back:/ }).focus();
    await morgan.keyboard.press('Enter');
    expect(await accessibilityProblems(morgan)).toEqual([]);
    await morgan.getByRole('dialog').getByRole('button', { name: 'Take it back' }).click();
    await morgan.getByText('Nobody stands in for anybody in your roles.').waitFor();
    expect(await fetched<object>(kim, `/runs/${second.id}/audit/verify`)).toMatchObject({ intact: true });
  });
});

/** What the page's own session is answered. */
function fetched<T>(page: Page, path: string, body?: object): Promise<T> {
  const how = {
    method: body ? 'POST' : 'GET',
    headers: { 'x-countersign-request': '1', ...(body ? { 'content-type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  };
  return page.evaluate<T>(
    `fetch(${JSON.stringify(`/api/v1${path}`)}, ${JSON.stringify(how)}).then((answer) => answer.json())`,
  );
}

/** For whoever looks at them: PICTURES names the folder. */
async function pictureOf(page: Page, name: string): Promise<void> {
  const folder = process.env.PICTURES;
  if (folder) await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}
