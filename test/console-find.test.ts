/** Finding runs in the console, how things stand, and what is done with many at once: one stack, coordinators at a desk and on a phone. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { packageRoot } from '../store/package-root.ts';
import { accessibilityProblems, axeProblems, scrollsSideways, testBrowser } from './support/browser.ts';
import { ConsolePages } from './support/console-pages.ts';
import { describeWith } from './support/services.ts';
import { coordinator, manager, TestStack, until } from './support/stack.ts';

const browser = await testBrowser();
const phone = { width: 360, height: 740 };
const desk = { width: 1280, height: 800 };

let stack: TestStack;
let pages: ConsolePages;

const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { level: 1, name });

async function isWell(page: Page): Promise<void> {
  expect(await scrollsSideways(page)).toBe(false);
  expect(await accessibilityProblems(page)).toEqual([]);
}

describeWith(browser)('Finding in the console', () => {
  beforeAll(async () => {
    stack = await TestStack.start('console-find');
    pages = new ConsolePages(browser, stack);
  }, 300_000);

  afterEach(async () => {
    expect(await pages.close()).toEqual([]);
  });

  afterAll(async () => {
    await browser?.close();
    await stack?.stop();
  }, 60_000);

  it('finds a run by what was typed for it, keeps the search in the address and under a name, and gives it as a table', async () => {
    const { run } = await stack.startRun({ givenName: 'Zoe', familyName: 'Marquardt' });
    await stack.startRun({ givenName: 'Abe', familyName: 'Other' });
    await stack.gate(run);
    const page = await pages.signedIn(coordinator, '/runs');
    await heading(page, 'Runs').waitFor();
    const find = page.getByLabel('Find');
    await find.fill('marquar');
    // By keyboard alone.
    await find.press('Enter');
    const rows = page.getByRole('table').getByRole('row');
    await page.getByRole('link', { name: /Zoe Marquardt/ }).waitFor();
    expect(await rows.count()).toBe(2);
    expect(new URL(page.url()).search).toBe('?q=marquar');
    await page.getByRole('button', { name: 'Save this list' }).click();
    const dialog = page.getByRole('dialog');
    expect(await accessibilityProblems(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Save the list' }).click();
    await dialog.getByText('Please give it a name.').waitFor();
    await dialog.getByLabel('Its name').fill('All Marquardts');
    await dialog.getByRole('button', { name: 'Save the list' }).click();
    await page.getByRole('navigation', { name: 'Saved lists' }).getByText('All Marquardts').waitFor();
    await isWell(page);
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Download these runs as CSV' }).click();
    expect((await download).suggestedFilename()).toBe('runs.csv');

    await page.goto(`${stack.gateway}/runs`);
    await page.getByRole('link', { name: /Abe Other/ }).waitFor();
    await page.getByRole('link', { name: 'All Marquardts' }).click();
    await page.getByRole('link', { name: /Abe Other/ }).waitFor({ state: 'detached' });
    expect(await page.getByLabel('Find').inputValue()).toBe('marquar');
    await page.getByRole('link', { name: /Zoe Marquardt/ }).click();
    await heading(page, /Zoe Marquardt/).waitFor();

    await page.getByRole('link', { name: 'Run again with the same inputs' }).click();
    await heading(page, /^Start/).waitFor();
    await page.getByText('Filled in as it was the last time.').waitFor();
    expect(await page.getByLabel('Last name').inputValue()).toBe('Marquardt');
    expect(await page.getByLabel("The manager's e-mail address").inputValue()).toBe(manager);
    await isWell(page);
  });

  it('leads from the mail to the page that asks, and decides nothing by being opened', async () => {
    const { run, key } = await stack.startRun({ givenName: 'Rio', familyName: 'Vance' });
    await stack.gate(run);
    const mail = await until('the mail', async () =>
      (await stack.mails()).find(
        ({ subject }) => subject.startsWith('Please sign') && subject.includes('Rio Vance'),
      ),
    );
    expect(mail.subject).toContain(key);
    expect(mail.text).toMatch(/Please answer by \w+day,? \d+ \w+ \d{4} at \d\d:\d\d \S+/);
    expect(mail.text).not.toContain('countersign approve');
    const link = /Read it and sign: (\S+)/.exec(mail.text)?.[1] ?? '';
    expect(link).toBe(`${stack.gateway}/runs/${run}/gates/signoff`);
    // As a mail filter opens it, with no session and by any way of asking.
    for (const method of ['GET', 'HEAD']) await fetch(link, { method, headers: { accept: 'text/html' } });
    const page = await pages.signedIn(manager, new URL(link).pathname, phone);
    await heading(page, 'The manager signs off').waitFor();
    expect((await stack.gate(run)).votes).toEqual([]);
  });

  it('shows what a ticket system sent that started nothing, and why', async () => {
    const key = await stack.ticket({ givenName: 'Nil', familyName: 'Nowhere' });
    await stack.deliver(await stack.moved(key, 'Rejected'));
    const page = await pages.signedIn(coordinator, '/deliveries', phone);
    await page.getByRole('link', { name: 'No runbook is started by it' }).first().click();
    await heading(page, 'No runbook is started by it').waitFor();
    await page.getByText('What was sent').click();
    await page.getByText('Nowhere').first().waitFor();
    await isWell(page);
  });

  it('finds in the register what people have, what is due and what has not come, at a desk and on a phone', async () => {
    const page = await pages.signedIn(coordinator, '/register/assets');
    await heading(page, 'Assets').waitFor();
    await page.getByRole('link', { name: 'EX-2002' }).waitFor();
    await page.getByLabel('Find').fill('robin.sa');
    await page.getByRole('link', { name: 'EX-2001' }).waitFor({ state: 'detached' });
    expect(new URL(page.url()).search).toBe('?q=robin.sa');
    await isWell(page);
    await page.getByRole('link', { name: 'EX-2002' }).click();
    await heading(page, 'Asset EX-2002').waitFor();
    await page.getByText('Added by countersign dev').waitFor();
    await isWell(page);

    await page.goto(`${stack.gateway}/register/assets`);
    await page.getByRole('navigation', { name: 'The register' }).getByText('Contracts').click();
    await heading(page, 'Contracts').waitFor();
    // What is due first, and nothing that has time.
    await page.getByRole('link', { name: 'C-014' }).waitFor();
    expect(await page.getByRole('link', { name: 'C-033' }).count()).toBe(0);
    await page.getByLabel('Which').selectOption('All of which no notice was given');
    await page.getByRole('link', { name: 'C-033' }).waitFor();
    await page.setViewportSize(phone);
    await isWell(page);
    await page.getByLabel('Find').fill('drawing');
    await page.getByRole('link', { name: 'C-014' }).waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'C-021' }).click();
    await heading(page, 'Contract C-021').waitFor();
    await page.getByRole('link', { name: 'Example CAD' }).click();
    await heading(page, 'Vendor Example CAD').waitFor();
    await isWell(page);
    await page.goto(`${stack.gateway}/register/orders?only=late`);
    await page.getByRole('link', { name: 'CS-R1001' }).waitFor();
    await isWell(page);
    await page.goto(`${stack.gateway}/register/orders?q=nothing+of+that+name`);
    await page.getByText('The register has none such.').waitFor();
  });

  it('shows windows as a month, a week and a list, at a desk and on a phone', async () => {
    const page = await pages.signedIn(coordinator, '/calendar?view=month&day=2026-03-10');
    await heading(page, 'Calendar').waitFor();
    await page.getByRole('heading', { name: 'March 2026' }).waitFor();
    await page
      .getByRole('table')
      .getByText(/Window: /)
      .first()
      .waitFor();
    await isWell(page);
    await page.getByRole('button', { name: 'Later' }).press('Enter');
    await page.getByRole('heading', { name: 'April 2026' }).waitFor();
    await page.getByRole('link', { name: 'Week' }).click();
    await page.getByRole('row').nth(1).waitFor();
    await page.setViewportSize(phone);
    await isWell(page);
    // Every page is in sight of the thumb.
    const hidden = await page
      .getByRole('navigation', { name: 'Main' })
      .evaluate((nav) => nav.scrollWidth - nav.clientWidth);
    expect(hidden).toBe(0);
    await page.getByRole('link', { name: 'List' }).click();
    await page.getByRole('heading', { name: 'Windows and freezes' }).waitFor();
    await isWell(page);
    await page.getByRole('button', { name: 'Make an address' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Make it' }).click();
    const address = await page.getByLabel('Your address, shown this once').inputValue();
    expect(await (await fetch(address)).text()).toContain('BEGIN:VCALENDAR');
    await isWell(page);
  });

  it('shows on a phone and in the dark what parked for one reason, and tries all of it again at once', async () => {
    const parked = await Promise.all(
      ['Una', 'Udo'].map(async (givenName) => {
        const { run } = await stack.startRun({ givenName, familyName: 'Parks', licence: 'SPE_E5' });
        await stack.vote(run, manager);
        await stack.waitFor(run, ['parked']);
        return run;
      }),
    );
    const { run: over } = await stack.startRun({ givenName: 'Una', familyName: 'Over' });
    await stack.gate(over);
    await stack.api(coordinator, 'POST', `/runs/${over}/abort`, { comment: 'Only a trial.' });
    await stack.waitFor(over, ['cancelled']);
    const page = await pages.signedIn(coordinator, '/overview', phone, 'dark');
    await heading(page, 'Overview').waitFor();
    const group = page.getByRole('article').filter({ hasText: 'no free units of SPE_E5' });
    await group.getByRole('link', { name: /Una Parks/ }).waitFor();
    for (const said of ['Overdue', 'Open approvals', 'Oldest approval', 'How long runs took, last 30 days'])
      await page.getByText(said).first().waitFor();
    await isWell(page);
    await group.getByRole('button', { name: 'Try all 2 again' }).click();
    await page.getByRole('dialog').getByLabel('Comment').fill('More were bought.');
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.getByRole('dialog').getByRole('button', { name: 'Try again' }).click();
    await page.getByText('2 of 2 are tried again.').waitFor();
    for (const run of parked) {
      const told = await until('the command in the journal', async () =>
        (await stack.journal(run)).find(({ kind }) => kind === 'command'),
      );
      expect(told.data).toMatchObject({ command: 'retry', by: coordinator, comment: 'More were bought.' });
    }

    // Nothing is overdue here; on a phone the filter that says so is open, since it is in use.
    await page.goto(`${stack.gateway}/runs?overdue=true`);
    await page.getByText('No run fits this filter.').waitFor();
    await isWell(page);
    await page.getByLabel('Only what is overdue').press('Space');
    await page.getByRole('link', { name: /Una Over/ }).waitFor();
    expect(new URL(page.url()).search).toBe('');
  });

  it('has no page on which axe finds anything, at a desk and on a phone, in the light and in the dark', async () => {
    const { run } = await stack.startRun({ givenName: 'Ines', familyName: 'Toll' });
    await stack.gate(run);
    const { run: signed } = await stack.startRun({ givenName: 'Ole', familyName: 'Toll', desk: 'B-12' });
    await stack.vote(signed, manager);
    const task = await until('the task', async () => (await stack.run(signed)).live?.tasks[0]?.step);
    const {
      deliveries: [delivery],
    } = (await stack.api<{ deliveries: { id: string }[] }>(coordinator, 'GET', '/deliveries')).body;
    const shown = [
      ...[
        '/',
        '/overview',
        '/runs',
        '/agenda',
        '/calendar',
        '/deliveries',
        '/stand-ins',
        '/refusals',
        '/runbooks',
      ],
      ...[
        `/runs/${signed}`,
        `/runs/${signed}/journal`,
        `/runs/${run}/gates/signoff`,
        `/runs/${signed}/tasks/${task}`,
      ],
      ...[
        `/deliveries/${delivery?.id}`,
        `/people/${manager}`,
        '/runbooks/new-hire',
        '/runbooks/new-hire/start',
      ],
      ...['/register/assets', '/register/contracts', '/register/vendors', '/register/orders'],
      ...[
        '/register/assets/EX-2002',
        '/register/contracts/C-021',
        '/register/vendors/Example CAD',
        '/register/orders/CS-R1001',
      ],
      // What is not there, and what is no page.
      ...['/runs/nowhere', '/nowhere'],
    ];
    const forms = shown.map((path) => patternsOf(path)[0] ?? path);
    expect(allPatterns.length).toBeGreaterThan(20);
    expect(allPatterns.filter((pattern) => !forms.includes(pattern))).toEqual([]);
    // Only so many codes are sent to one person.
    const page = await pages.signedIn('robin.sato@example.com', '/');
    for (const path of shown) {
      await page.setViewportSize(desk);
      await page.emulateMedia({ colorScheme: 'light' });
      await page.goto(stack.gateway + path);
      await page.locator('h1').waitFor();
      await page.locator('.loading').waitFor({ state: 'detached' });
      const found = [...(await accessibilityProblems(page))];
      await page.emulateMedia({ colorScheme: 'dark' });
      found.push(...(await axeProblems(page, ['color-contrast'])));
      await page.setViewportSize(phone);
      found.push(...(await accessibilityProblems(page)));
      await page.emulateMedia({ colorScheme: 'light' });
      found.push(...(await axeProblems(page, ['color-contrast'])));
      if (await scrollsSideways(page)) found.push('scrolls sideways');
      expect([path, found]).toEqual([path, []]);
    }
  }, 180_000);
});

/** The addresses that the console knows, as it writes them. */
const allPatterns = [
  ...readFileSync(join(packageRoot(), 'console', 'addresses.ts'), 'utf8').matchAll(
    /^ {2,4}route\(\s*['`]([^'`]+)['`]/gm,
  ),
]
  .flatMap(([, pattern = '']) =>
    ['assets', 'contracts', 'vendors', 'orders'].map((kind) => pattern.replace('${kind}', kind)),
  )
  .filter((pattern, index, all) => all.indexOf(pattern) === index);

function patternsOf(path: string): string[] {
  const matches = (pattern: string) => new RegExp(`^${pattern.replace(/:[a-z]+/g, '[^/]+')}$`).test(path);
  return allPatterns.filter(matches);
}
