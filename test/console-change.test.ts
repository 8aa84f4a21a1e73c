/** A change in the console: a board of which two must sign, a task with a form, a window that is not open. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import type { Delivery } from '../cli/demo/stage.ts';
import { packageRoot } from '../store/package-root.ts';
import { accessibilityProblems, axeProblems, scrollsSideways, testBrowser } from './support/browser.ts';
import { ConsolePages } from './support/console-pages.ts';
import { describeWith } from './support/services.ts';
import { TestStack, until, webhookSecret } from './support/stack.ts';

const browser = await testBrowser();
const pin = 'kX-4471-canary';
const phone = { width: 360, height: 740 };
const desk = { width: 1280, height: 800 };

let stack: TestStack;
let pages: ConsolePages;

const signedIn = (person: string, path: string, viewport = phone) => pages.signedIn(person, path, viewport);

describeWith(browser)('A change in the console', () => {
  beforeAll(async () => {
    stack = await TestStack.start('console-change', { folder: join(packageRoot(), 'test', 'console') });
    pages = new ConsolePages(browser, stack);
  }, 300_000);

  afterEach(async () => {
    expect(await pages.close()).toEqual([]);
  });

  afterAll(async () => {
    await browser?.close();
    await stack?.stop();
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
    await morgan.goto(`${stack.gateway}/runs/${second.id}/gates/board`);
    await morgan.getByText('You do not sign this.').waitFor();

    await morgan.goto(`${stack.gateway}/stand-ins`);
    await morgan.getByRole('button', { name: /^Take back:/ }).focus();
    await morgan.keyboard.press('Enter');
    expect(await accessibilityProblems(morgan)).toEqual([]);
    await morgan.getByRole('dialog').getByRole('button', { name: 'Take it back' }).click();
    await morgan.getByText('Nobody stands in for anybody in your roles.').waitFor();
    expect(await fetched<object>(kim, `/runs/${second.id}/audit/verify`)).toMatchObject({ intact: true });
  });

  it('lets the board suggest other inputs, and whoever operates the run accepts them by keyboard, so that people are asked again', async () => {
    const lee = await signedIn('lee.moran@example.com', '/', { width: 1280, height: 800 });
    const third = await fetched<{ id: string }>(lee, '/runs', {
      runbook: 'close-account',
      inputs: { account: 'lou.maier@example.com', reason: 'Duplicate', backup: false, pin },
    });
    const path = `/runs/${third.id}/gates/board`;
    await until('the gate', async () => {
      const found = await fetched<{ approvers?: string[] }>(lee, `/runs/${third.id}/steps/board/gate`);
      return found.approvers ? true : undefined;
    });
    const dana = await signedIn('dana.reyes@example.com', path);
    await dana.emulateMedia({ colorScheme: 'dark' });
    const suggest = dana.getByRole('button', { name: 'Suggest another time or other inputs' });
    await suggest.focus();
    await dana.keyboard.press('Enter');
    const form = dana.getByRole('dialog');
    await form.getByLabel('Why it is closed').selectOption('Left the company');
    expect(await form.getByLabel('PIN of the archive').count()).toBe(0);
    await form.getByRole('button', { name: 'Suggest them' }).click();
    await form.getByText('Please say why.').waitFor();
    await form.getByLabel('Why?').fill('Lou left in May.');
    expect(await accessibilityProblems(dana)).toEqual([]);
    await form.getByRole('button', { name: 'Suggest them' }).click();
    await dana.getByText('dana.reyes@example.com suggests other inputs').waitFor();
    expect(await accessibilityProblems(dana)).toEqual([]);
    expect(await scrollsSideways(dana)).toBe(false);
    await pictureOf(dana, 'suggested-phone');

    await lee.goto(`${stack.gateway}/`);
    const row = lee
      .getByRole('listitem')
      .filter({ hasText: 'Reason: Left the company instead of Duplicate' });
    await row.waitFor();
    expect(await accessibilityProblems(lee)).toEqual([]);
    await row.getByRole('link').focus();
    await lee.keyboard.press('Enter');
    const accept = lee.getByRole('button', { name: 'Accept', exact: true });
    await accept.waitFor();
    expect(await accessibilityProblems(lee)).toEqual([]);
    await pictureOf(lee, 'suggested-desk');
    await accept.focus();
    await lee.keyboard.press('Enter');
    await lee.getByRole('dialog').getByText('The inputs are changed by your hand').waitFor();
    expect(await accessibilityProblems(lee)).toEqual([]);
    await lee.getByRole('button', { name: 'Accept it' }).focus();
    await lee.keyboard.press('Enter');
    await lee.getByText('lee.moran@example.com has accepted it').waitFor();
    await dana.getByText('This has changed while you were reading.').waitFor();
    await dana.getByText('lee.moran@example.com has accepted it').waitFor();
    expect(await accessibilityProblems(dana)).toEqual([]);
    expect(await fetched<object>(lee, `/runs/${third.id}/audit/verify`)).toMatchObject({ intact: true });
  });

  it('has the board’s agenda and its minutes, to read and to print', async () => {
    const alex = await signedIn('alex.duarte@example.com', '/calendar');
    await alex.getByRole('link', { name: 'The agenda of a role' }).focus();
    await alex.keyboard.press('Enter');
    await alex.getByRole('heading', { name: 'Agenda of cab' }).waitFor();
    expect(await alex.getByText('of 2 needed').count()).toBeGreaterThan(0);
    await alex.getByText('An administrator restores the account').first().waitFor();
    await alex.emulateMedia({ colorScheme: 'dark' });
    expect(await accessibilityProblems(alex)).toEqual([]);
    expect(await scrollsSideways(alex)).toBe(false);
    await pictureOf(alex, 'agenda-phone');
    const morgan = await signedIn('morgan.weiss@example.com', '/agenda?role=cab', desk);
    await morgan.getByRole('link', { name: 'Print it, a page each' }).waitFor();
    expect(await accessibilityProblems(morgan)).toEqual([]);
    await pictureOf(morgan, 'agenda-desk');
    const minutes = morgan.getByRole('link', { name: 'What was decided, and what is still open' });
    await morgan.goto(stack.gateway + (await minutes.getAttribute('href')));
    await morgan.getByRole('heading', { name: 'Minutes of cab' }).waitFor();
    await morgan.getByText('dana.reyes@example.com').first().waitFor();
    expect(await accessibilityProblems(morgan)).toEqual([]);
    expect(await morgan.content()).not.toContain(pin);
  });

  /** The rule as it is, a ticket with a file, and the run that it starts. */
  async function ruleAskedFor(): Promise<string> {
    const stage = stack.stage();
    const rule = { source: '10.20.0.0/16', destination: 'erp', port: 443, protocol: 'tcp', action: 'allow' };
    const sandbox = stack.stack.addresses.sandbox ?? '';
    await sent(`${sandbox}/firewall/api/rules/erp-in`, 'PUT', 'Bearer sandbox-firewall-token', rule);
    const { number, sys_id } = await stage.sandbox<{ number: string; sys_id: string }>(
      'POST',
      '/_sandbox/servicenow/records',
      {
        table: 'change_request',
        fields: {
          short_description: 'The scanner reaches the ERP',
          category: 'Ports',
          u_rule_name: 'erp-in',
          u_source: '10.20.0.0/16',
          u_port: '8080',
        },
      },
    );
    const of = `table_name=change_request&table_sys_id=${sys_id}&file_name=network-plan.txt`;
    const password = Buffer.from('countersign:sandbox-servicenow-password').toString('base64');
    const plan = 'Scanner to ERP, port 8443';
    await sent(`${sandbox}/servicenow/api/now/attachment/file?${of}`, 'POST', `Basic ${password}`, plan);
    const delivery = await stage.sandbox<Delivery>('POST', '/_sandbox/servicenow/move', {
      number,
      to: 'Authorize',
      secret: webhookSecret,
    });
    return (await stage.deliver('servicenow', delivery)).run ?? '';
  }

  let port = '';

  it('shows at the gate the files of the ticket, what was typed by hand and by whom, and the difference to what is now', async () => {
    port = await ruleAskedFor();
    await stack.gate(port, 'board');
    const kim = await signedIn('kim.okafor@example.com', `/runs/${port}`, desk);
    await kim.getByRole('button', { name: 'Change inputs' }).press('Enter');
    await kim.getByRole('dialog').getByLabel('Port').fill('8443');
    expect(await accessibilityProblems(kim)).toEqual([]);
    await kim.getByRole('dialog').getByRole('button', { name: 'Change them' }).press('Enter');
    await kim.getByRole('dialog').waitFor({ state: 'detached' });
    // What is for whoever works on it is no part of the evidence.
    await kim.getByLabel('Add a note').fill('The vendor says 8443.');
    await kim.keyboard.press('Tab');
    await kim.keyboard.press('Enter');
    await kim.getByText('kim.okafor@example.com, just now').waitFor();

    const morgan = await pages.signedIn(
      'morgan.weiss@example.com',
      `/runs/${port}/gates/board`,
      phone,
      'dark',
    );
    const byHand = morgan.getByRole('region', { name: 'Typed or changed by hand' });
    await byHand.getByText('by kim.okafor@example.com').waitFor();
    expect(await byHand.locator('del, ins').allTextContents()).toEqual(['8080', '8443']);
    const opens = morgan.getByRole('region', { name: 'What your signature opens' });
    await opens.getByText('"port": 443', { exact: false }).waitFor();
    await opens.getByText('"port": 8443', { exact: false }).waitFor();
    await isWell(morgan);
    const opened = morgan.context().waitForEvent('page');
    await morgan.getByRole('link', { name: 'network-plan.txt' }).press('Enter');
    await (await opened).getByText('Scanner to ERP, port 8443').waitFor();
    const { records } = await fetched<{ records: { kind: string; actor: string }[] }>(
      kim,
      `/runs/${port}/audit`,
    );
    expect(records.filter(({ kind }) => kind === 'file.opened')).toEqual([
      expect.objectContaining({ actor: 'morgan.weiss@example.com' }),
    ]);
    await pictureOf(morgan, 'files-phone-dark');
    await morgan.getByRole('button', { name: 'Approve' }).press('Enter');
    await morgan.getByRole('dialog').getByRole('button', { name: 'Approve' }).press('Enter');
    await morgan.getByText('Your approval counts.').waitFor();
    await stack.waitFor(port, ['succeeded']);
    // What was signed stays readable, and what stands in a step that is skipped is skipped with it.
    await morgan.reload();
    await morgan.getByText('There is nothing to sign here any more.').waitFor();
    await morgan
      .getByRole('region', { name: 'What was shown, and to whom, the second time' })
      .getByText('8443')
      .first()
      .waitFor();
    await morgan.getByRole('link', { name: 'network-plan.txt' }).waitFor();
    await isWell(morgan);
    await morgan.getByRole('link', { name: 'See the run' }).click();
    await morgan.locator('#step-scanned').getByText('skipped').waitFor();
    await isWell(morgan);
  });

  it('shows an auditor everything, offers nothing that changes it, and lets it be checked, exported and printed', async () => {
    const val = await pages.signedIn('val.moreau@example.com', '/runs', desk, 'dark');
    await val.getByLabel('Runbook').selectOption('Open a port');
    await val.getByLabel('Began from').fill('2026-01-01');
    await val.getByLabel('Began from').press('Enter');
    await val.getByRole('link', { name: 'Open a port: erp-in' }).waitFor();
    expect(new URL(val.url()).search).toBe('?runbook=open-port&from=2026-01-01');
    expect(await val.getByRole('table').getByRole('row').count()).toBe(2);
    const table = val.waitForEvent('download');
    await val.getByRole('link', { name: 'Download these runs as CSV' }).press('Enter');
    expect(
      readFileSync(await (await table).path(), 'utf8')
        .trim()
        .split('\n'),
    ).toHaveLength(2);
    await isWell(val);
    await val.getByRole('link', { name: 'Open a port: erp-in' }).press('Enter');
    await val.getByText('The vendor says 8443.').waitFor();
    await val.locator('#step-set').getByText('done').waitFor();
    expect(await offered(val)).toEqual([]);
    await val.getByRole('link', { name: 'Journal' }).press('Enter');
    await val.getByRole('button', { name: 'Check the record' }).press('Enter');
    await val.getByText('The record is whole and agrees with the journal.').waitFor();
    await isWell(val);
    const file = val.waitForEvent('download');
    await val.getByRole('link', { name: 'Download it' }).press('Enter');
    expect(JSON.parse(readFileSync(await (await file).path(), 'utf8'))).toMatchObject({ run: { id: port } });
    const printed = val.context().waitForEvent('page');
    await val.getByRole('link', { name: 'Report to print' }).press('Enter');
    const report = await printed;
    await report.getByText('morgan.weiss@example.com').first().waitFor();
    expect(await axeProblems(report)).toEqual([]);
    const pdf = await val.request.get(`${stack.gateway}/api/v1/runs/${port}/report.pdf`);
    expect((await pdf.body()).subarray(0, 5).toString()).toBe('%PDF-');

    // What is open, and what could be started.
    const { id } = (
      await stack.api<{ id: string }>('kim.okafor@example.com', 'POST', '/runs', {
        runbook: 'open-port',
        inputs: { rule: 'erp-out', source: '10.20.0.0/16', port: 25, scan: true },
      })
    ).body;
    await until('the task', async () => (await stack.run(id)).waitingOn[0]);
    await val.setViewportSize(phone);
    for (const [path, said] of [
      [`/runs/${id}/tasks/scanned`, 'You do not report this.'],
      [`/runs/${run}/gates/board`, 'There is nothing to sign here any more.'],
      ['/runbooks', 'Open a port'],
      ['/overview', 'What parked'],
      ['/deliveries', 'Started a run'],
      ['/refusals', 'Nothing was refused.'],
      ['/people/kim.okafor@example.com?from=2026-01-01', 'changed inputs: Port from 8080 to 8443'],
    ] as const) {
      await val.goto(stack.gateway + path);
      await val.getByText(said).first().waitFor();
      expect([path, await offered(val)]).toEqual([path, []]);
      await isWell(val);
    }
    await val.getByLabel('Before').fill('2026-01-02');
    await val.getByLabel('Before').blur();
    await val.getByText('Nothing is on record of them in that time.').waitFor();
  });
});

async function isWell(page: Page): Promise<void> {
  expect(await scrollsSideways(page)).toBe(false);
  expect(await accessibilityProblems(page)).toEqual([]);
}

/** Buttons and links on the page that would change something. */
function offered(page: Page): Promise<string[]> {
  const changing =
    /^(Start|Pause|Resume|Abort|Change|Approve|Reject|Ask|Answer|Add|Try|Skip|Complete|It is done|Handle|Run again|Name)\b/;
  return page
    .getByRole('main')
    .locator('button, a')
    .allTextContents()
    .then((names) => names.map((name) => name.trim()).filter((name) => changing.test(name)));
}

/** To a stand-in, as another program would. */
async function sent(address: string, method: string, authorization: string, body: object | string) {
  const [type, text] =
    typeof body === 'string' ? ['text/plain', body] : ['application/json', JSON.stringify(body)];
  const response = await fetch(address, {
    method,
    headers: { authorization, 'content-type': type, accept: 'application/json' },
    body: text,
  });
  if (!response.ok) throw new Error(`${method} ${address}: ${response.status} ${await response.text()}`);
}

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
