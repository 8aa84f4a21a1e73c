import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { shortRunId } from '../plan/run-name.ts';
import { packageRoot } from '../store/package-root.ts';
import { accessibilityProblems, scrollsSideways, testBrowser } from './support/browser.ts';
import { describeWith } from './support/services.ts';
import { coordinator, manager, TestStack, until } from './support/stack.ts';

const browser = await testBrowser();

const phone = { width: 360, height: 740 };
const desk = { width: 1280, height: 800 };

let stack: TestStack;
const pages: Page[] = [];

/** What went wrong in a page without a test noticing: a script that was refused, an error nobody caught. */
const mishaps: string[] = [];

async function openPage(
  path: string,
  viewport = desk,
  colorScheme: 'light' | 'dark' = 'light',
): Promise<Page> {
  if (!browser) throw new Error('no browser');
  const context = await browser.newContext({ viewport, colorScheme, timezoneId: 'Europe/Berlin' });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  page.on('pageerror', (error) => mishaps.push(error.message));
  page.on('console', (message) => {
    // The browser says so of every answer that is an error, which is the gateway's way of saying no.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      mishaps.push(message.text());
  });
  pages.push(page);
  await page.goto(stack.stack.addresses.gateway + path);
  return page;
}

/** The newest code that was sent to somebody, after as many as there were before. */
async function codeFor(person: string, before: number): Promise<string> {
  return until(`a code for ${person}`, async () => {
    const codes = await codesOf(person);
    return codes.length > before ? codes.at(-1) : undefined;
  });
}

async function codesOf(person: string): Promise<string[]> {
  const mails = (await stack.mails()).filter(({ to }) => to.includes(person));
  return mails.flatMap(({ text }) => /\b\d{4}-\d{4}\b(?!-)/.exec(text)?.[0] ?? []);
}

async function signedIn(
  person: string,
  path = '/',
  viewport = desk,
  scheme?: 'light' | 'dark',
): Promise<Page> {
  const page = await openPage(path, viewport, scheme);
  const before = (await codesOf(person)).length;
  await page.getByLabel('Your e-mail address').fill(person);
  await page.getByRole('button', { name: 'Send the code' }).click();
  const code = await codeFor(person, before);
  // Pasted whole, it needs no button.
  await page.getByLabel('The code').fill(code);
  await page.getByRole('navigation', { name: 'Main' }).waitFor();
  return page;
}

/** By the manual: where each question of an auditor is answered, and under which words. */
const questionPages = readFileSync(join(packageRoot(), 'docs', 'audit.md'), 'utf8')
  .split('\n')
  .flatMap((line) => {
    const column = /^\| [^|]+\? +\| [^|]+ \| ([^|]+?) +\|$/.exec(line)?.[1];
    if (column === undefined) return [];
    const place = /^(the run|the signature|`([^`]+)`)/.exec(column);
    const labels = [...column.matchAll(/_([^_]+)_/g)].map(([, label = '']) => label);
    return [{ place: place?.[2] ?? place?.[1] ?? '', labels }];
  });
/** A run that was put right by hand, whose change was countersigned, and that has ended. */
let settled = '';

const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { level: 1, name });
const step = (page: Page, id: string) => page.locator(`#step-${id}`);
const answer = (page: Page) => page.getByRole('region', { name: 'Your answer' });

describeWith(browser)('The console', () => {
  beforeAll(async () => {
    stack = await TestStack.start('console');
  }, 300_000);

  afterEach(async () => {
    await Promise.all(pages.splice(0).map((page) => page.context().close()));
    expect(mishaps.splice(0)).toEqual([]);
  });

  afterAll(async () => {
    await browser?.close();
    await stack?.stop();
  }, 60_000);

  it('signs people in by the code from their mail, says plainly when it is wrong, and leads on to where they were going', async () => {
    const page = await openPage('/runs?status=parked');
    await heading(page, /^Sign in/).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.getByLabel('Your e-mail address').fill(coordinator);
    await page.getByRole('button', { name: 'Send the code' }).click();
    const code = await codeFor(coordinator, 0);
    const wrong = code.startsWith('0') ? `1${code.slice(1)}` : `0${code.slice(1)}`;
    const field = page.getByLabel('The code');
    expect(await field.getAttribute('autocomplete')).toBe('one-time-code');
    await field.fill(wrong);
    await page.getByText('This code is not right').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await field.fill('');
    await field.fill(code);
    await heading(page, 'Runs').waitFor();
    expect(new URL(page.url()).search).toBe('?status=parked');
    expect(await page.getByLabel('Status').inputValue()).toBe('parked');
    await page.getByRole('button', { name: `Signed in as ${coordinator}` }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByText('You are signed out.').waitFor();
    await page.reload();
    await heading(page, /^Sign in/).waitFor();
  });

  it('lets a manager sign on a phone, and shows the run live until it is done', async () => {
    const { run, key } = await stack.startRun({ givenName: 'Lea', familyName: 'Moss' });
    await stack.gate(run);
    const page = await signedIn(manager, '/', phone);
    await heading(page, 'Inbox').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    expect(await scrollsSideways(page)).toBe(false);
    await page
      .getByRole('list', { name: 'Waiting for you' })
      .getByRole('link')
      .filter({ hasText: key })
      .click();
    await heading(page, 'The manager signs off').waitFor();
    await page.getByText('lea.moss@example.com', { exact: true }).waitFor();
    expect(await scrollsSideways(page)).toBe(false);
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.getByText('would create lea.moss@example.com').waitFor();
    const buttons = await answer(page).boundingBox();
    expect((buttons?.y ?? 0) + (buttons?.height ?? 0)).toBeLessThanOrEqual(phone.height);

    await answer(page).getByRole('button', { name: 'Approve' }).click();
    const dialog = page.getByRole('dialog');
    expect(await accessibilityProblems(page)).toEqual([]);
    await dialog.getByLabel('Comment').fill('Welcome, Lea.');
    await dialog.getByRole('button', { name: 'Approve' }).click();
    await page.getByText('Your approval counts.').waitFor();
    await page.getByRole('link', { name: 'See the run' }).click();
    await heading(page, 'New hire onboarding').waitFor();
    await page.getByRole('status').getByText('Done', { exact: true }).waitFor();
    await step(page, 'account').getByText('done').waitFor();
    await step(page, 'signoff').locator('summary').click();
    await step(page, 'signoff').getByText('Welcome, Lea.').waitFor();
    await step(page, 'account').locator('summary').click();
    await step(page, 'account').getByText('sealed').waitFor();
    expect(await scrollsSideways(page)).toBe(false);
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.getByRole('link', { name: 'Journal' }).click();
    await page.getByText(`${manager} approves “The manager signs off”.`).waitFor();
    await page.getByRole('button', { name: 'Check the record' }).click();
    await page.getByText('The record is whole and agrees with the journal.').waitFor();
    expect(await scrollsSideways(page)).toBe(false);
    expect(await accessibilityProblems(page)).toEqual([]);
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Download it' }).click();
    expect((await download).suggestedFilename()).toBe(`run-${shortRunId(run)}-evidence.json`);
    await stack.waitFor(run, ['succeeded']);
  });

  it('asks again on the same page when what is to be signed changes meanwhile', async () => {
    const { run, key } = await stack.startRun({
      givenName: 'Ida',
      familyName: 'Kern',
      startDate: '2026-02-02',
    });
    await stack.gate(run);
    const page = await signedIn(manager, `/runs/${run}/gates/signoff`, phone);
    await page.getByText('Monday, 2 February 2026').first().waitFor();
    await page.getByText('Acts on').first().waitFor();
    await answer(page).getByRole('button', { name: 'Approve' }).click();
    await stack.deliver(await stack.edited(key, { customfield_10103: '2026-03-02' }));
    await page.getByText('This has changed while you were reading.').waitFor();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await page.getByRole('status').getByRole('listitem').allTextContents()).toContainEqual(
      expect.stringMatching(/2026-02-02.*2026-03-02/),
    );
    expect(await accessibilityProblems(page)).toEqual([]);
  });

  it('takes a refusal only with its reason, which the run keeps', async () => {
    const { run } = await stack.startRun({ givenName: 'Ole', familyName: 'Park' });
    await stack.gate(run);
    const page = await signedIn(manager, `/runs/${run}/gates/signoff`, phone);
    await answer(page).getByRole('button', { name: 'Reject' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Reject' }).click();
    await dialog.getByText('Please say why.').waitFor();
    await dialog.getByLabel('Why?').fill('He starts in May.');
    await dialog.getByRole('button', { name: 'Reject' }).click();
    await page.getByText('Your refusal counts.').waitFor();
    const ended = await stack.waitFor(run, ['rejected']);
    expect(ended.reason).toContain('He starts in May.');
    await page.goto(`${stack.stack.addresses.gateway}/runs/${run}/gates/signoff`);
    await page.getByText('There is nothing to sign here any more.').waitFor();
    await page.getByText(/was refused/).waitFor();
  });

  it('starts a run by the form, with what is wrong said at its field', async () => {
    const page = await signedIn(coordinator, '/runbooks', desk, 'dark');
    await heading(page, 'Runbooks').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.getByRole('link', { name: 'New hire onboarding', exact: true }).click();
    await page.getByRole('heading', { name: 'The procedure' }).waitFor();
    expect(
      await page.evaluate(
        `(async (image) => { await image.decode(); return image.naturalWidth > 0; })(document.querySelector('figure img'))`,
      ),
    ).toBe(true);
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.getByRole('link', { name: 'Start', exact: true }).click();
    await heading(page, 'Start New hire onboarding').waitFor();
    const form = page.locator('form');
    await form.getByLabel('Key').fill(await stack.ticket({ givenName: 'Finn', familyName: 'Ross' }));
    await form.getByLabel('First name').fill('Finn');
    await form.getByLabel('Two-letter country code of the workplace').fill('Germany');
    await form.getByRole('button', { name: 'Start the run' }).click();
    const noteOf = async (label: string) => {
      const id = await form.getByLabel(label).getAttribute('aria-describedby');
      return page.locator(`[id="${id}"]`).textContent();
    };
    await form.getByText(/^Nothing was started yet: .*“Last name”.* need another look\.$/).waitFor();
    expect(await noteOf('Last name')).toBe('Please fill this in.');
    expect(await noteOf('Two-letter country code of the workplace')).toContain('Germany');
    expect(await accessibilityProblems(page)).toEqual([]);
    await form.getByLabel('Last name').fill('Ross');
    await form.getByLabel('First day at work').fill('2026-02-02');
    await form.getByLabel("The manager's e-mail address").fill(manager);
    await form.getByLabel('Two-letter country code of the workplace').fill('DE');
    await form.getByLabel('VPN Users').check();
    await form.getByRole('button', { name: 'Start the run' }).click();
    await heading(page, 'New hire onboarding').waitFor();
    await step(page, 'signoff').getByText('waiting').waitFor();
    await page.getByText('VPN Users').first().waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    const run = new URL(page.url()).pathname.split('/').at(-1) ?? '';
    expect((await stack.run(run)).live?.inputs).toMatchObject({ familyName: 'Ross', country: 'DE' });

    await page.getByRole('button', { name: 'Abort' }).click();
    await page.getByRole('dialog').getByText('Steps that were completed are taken back').waitFor();
    await page.getByRole('dialog').getByLabel('Why?').fill('Only a trial.');
    await page.getByRole('dialog').getByRole('button', { name: 'Abort and take back' }).click();
    await page.getByRole('status').getByText('Cancelled', { exact: true }).waitFor();
    await step(page, 'account').getByText('not reached').waitFor();
  });

  it('lets the coordinator put a parked step right, from the inbox to the end of the run', async () => {
    const { run } = await stack.startRun({ givenName: 'Jon', familyName: 'Vale', licence: 'SPE_E5' });
    await stack.vote(run, manager);
    await stack.waitFor(run, ['parked']);
    const page = await signedIn(coordinator);
    const item = page
      .getByRole('list', { name: 'Waiting for you' })
      .getByRole('link')
      .filter({ hasText: 'SPE_E5' });
    await item.first().waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.goto(`${stack.stack.addresses.gateway}/runs/${run}`);
    const licence = step(page, 'licence');
    await licence.getByText('There are no free units of SPE_E5').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await licence.getByRole('button', { name: 'Try with other input' }).click();
    const dialog = page.getByRole('dialog');
    // A form of what the action takes, filled in as it was.
    const product = dialog.getByLabel(/SPE_E3/);
    expect(await product.inputValue()).toBe('SPE_E5');
    await product.fill('');
    await dialog.getByRole('button', { name: 'Try with this input' }).click();
    await dialog.getByText(/^“.*SPE_E3.*” needs another look\.$/).waitFor();
    await dialog.getByText('Please fill this in.').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await product.fill('SPE_E3');
    await dialog.getByLabel('Comment').fill('E5 is sold out.');
    expect(await accessibilityProblems(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Try with this input' }).click();
    await dialog.getByText(`It is not in force before it is signed by ${manager}.`).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'I see' }).click();
    await page.getByText('A change is proposed.').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await countersigned(run);
    await licence.getByText('done').first().waitFor();
    await page.getByRole('status').getByText('Done', { exact: true }).waitFor();
    expect((await stack.waitFor(run, ['succeeded'])).status).toBe('succeeded');
    settled = run;
  });

  it('has for each of the auditor’s seven questions the page that the manual names, with what it says stands there', async () => {
    const page = await signedIn(coordinator);
    const { gateway } = stack.stack.addresses;
    const places: Record<string, string> = {
      'the run': `/runs/${settled}`,
      'the signature': `/runs/${settled}/gates/signoff`,
    };
    expect(questionPages).toHaveLength(7);
    for (const { place, labels } of questionPages.slice(0, -1)) {
      await page.goto(gateway + places[place]);
      await heading(page, /./).waitFor();
      // Nothing was typed by hand before it was signed: then the page has no such part.
      for (const label of labels.filter((each) => each !== 'Typed or changed by hand'))
        await page.getByText(label).first().waitFor({ state: 'attached' });
    }
    // The last one is behind who asked.
    expect(questionPages.at(-1)).toEqual({ place: '/people/EMAIL', labels: ['Asked by'] });
    await page.goto(`${gateway}/runs/${settled}`);
    await page.locator('dt', { hasText: 'Asked by' }).locator('xpath=following-sibling::dd[1]//a').click();
    await page.waitForURL('**/people/**');
    await page.getByText('Jon Vale').first().waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
  });

  /** The manager reads old and new on a phone, signs, and finds all of it on the page when it has closed. */
  async function countersigned(run: string): Promise<void> {
    const page = await signedIn(manager, `/runs/${run}/gates/signoff`, phone);
    const asked = page.getByRole('region', { name: 'What is asked to be changed' });
    await asked.getByText('not in force before you sign.').waitFor();
    await asked.locator('del, dd').getByText('SPE_E5').first().waitFor();
    await asked.locator('ins, dd').getByText('SPE_E3').first().waitFor();
    await page.getByText(/more values behind your signature/).waitFor();
    expect(await scrollsSideways(page)).toBe(false);
    expect(await accessibilityProblems(page)).toEqual([]);
    await answer(page).getByRole('button', { name: 'Approve' }).click();
    await page
      .getByRole('dialog')
      .getByText(/brings what is asked to be changed into force/)
      .waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Approve' }).click();
    await page.getByText('Your approval counts.').waitFor();
    await stack.waitFor(run, ['succeeded']);
    await page.reload();
    await page.getByText(`Signed by ${manager}, and in force from then on.`).waitFor();
    await page.getByText(`${coordinator}, who proposed this change`).waitFor();
    await page.getByText('It was asked once before').click();
    // What was signed the first time stands there still, by value.
    const first = page.getByRole('region', { name: 'What was shown, and to whom' });
    await first.getByText('SPE_E5').first().waitFor({ state: 'attached' });
    expect(await scrollsSideways(page)).toBe(false);
    expect(await accessibilityProblems(page)).toEqual([]);
  }

  it('brings the inbox up to date by itself', async () => {
    const page = await signedIn(manager);
    await heading(page, 'Inbox').waitFor();
    const { key } = await stack.startRun({ givenName: 'Uma', familyName: 'Lund' });
    await page.getByRole('list', { name: 'Waiting for you' }).getByText(key).waitFor();
  });

  it('says when Countersign is away, keeps what it shows, and goes on once it is back', async () => {
    const page = await signedIn(coordinator, '/runs');
    await page.getByRole('table').waitFor();
    await page.context().setOffline(true);
    await page.getByLabel('Runbook').selectOption('new-hire');
    await page.getByText('No connection to Countersign.').waitFor();
    await page.context().setOffline(false);
    await page.getByText('No connection to Countersign.').waitFor({ state: 'detached' });
    await page.getByRole('table').waitFor();
  });
});
