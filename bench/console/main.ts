/**
 * How long the first view of each page takes on a slow phone (1.6 Mbit/s, 150 ms, a processor four times as slow), and how much script
 * goes over the wire for it: Chromium with an empty cache, against a whole stack. `BENCH_LOOKS` views of each page, of which the median counts.
 */
import type { BrowserContext, CDPSession } from 'playwright-core';
import { testBrowser } from '../../test/support/browser.ts';
import { ConsolePages } from '../../test/support/console-pages.ts';
import { coordinator, manager, TestStack } from '../../test/support/stack.ts';
import { median, type Row, report } from '../report.ts';

const looks = Number(process.env.BENCH_LOOKS ?? 5);
const mostMs = 1_500;
const mostKilobytes = 100;
const phone = { width: 360, height: 740 };
const bytesPerSecond = 1_600_000 / 8;

interface Seen {
  ms: number;
  kilobytes: number;
}

/** `ready` is what people came for, and not only the frame around it. */
async function seen(context: BrowserContext, url: string, ready: string): Promise<Seen> {
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  const bytes = await slowed(session);
  await page.goto(url, { waitUntil: 'commit' });
  await page.locator(ready).first().waitFor();
  // As the page itself has it: from the first byte that was asked for to the frame in which it stands.
  const ms = await page.evaluate<number>(
    'new Promise((done) => requestAnimationFrame(() => done(performance.now())))',
  );
  const kilobytes = bytes() / 1024;
  await page.close();
  return { ms, kilobytes };
}

/** Gives how many bytes of script came. */
async function slowed(session: CDPSession): Promise<() => number> {
  const scripts = new Set<string>();
  let bytes = 0;
  session.on('Network.responseReceived', ({ requestId, type, response }) => {
    if (type === 'Script' || /javascript/.test(response.mimeType)) scripts.add(requestId);
  });
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    if (scripts.has(requestId)) bytes += encodedDataLength;
  });
  await session.send('Network.enable');
  await session.send('Network.setCacheDisabled', { cacheDisabled: true });
  await session.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 150,
    downloadThroughput: bytesPerSecond,
    uploadThroughput: bytesPerSecond / 2,
  });
  await session.send('Emulation.setCPUThrottlingRate', { rate: 4 });
  return () => bytes;
}

async function main(): Promise<void> {
  const browser = await testBrowser();
  if (!browser) throw new Error('There is no Chromium to measure with.');
  const stack = await TestStack.start('bench-console');
  try {
    const { run } = await stack.startRun({ givenName: 'Lea', familyName: 'Moss' });
    await stack.gate(run);
    const pages = new ConsolePages(browser, stack);
    const people = new Map<string, BrowserContext>();
    for (const person of [coordinator, manager]) {
      const page = await pages.signedIn(person, '/', phone);
      people.set(person, page.context());
    }
    const views: [what: string, person: string, path: string, ready: string][] = [
      ['the inbox', manager, '/', '[aria-label="Waiting for you"] a'],
      ['a signature', manager, `/runs/${run}/gates/signoff`, '[aria-label="Your answer"] button'],
      ['a run', coordinator, `/runs/${run}`, '#step-signoff'],
      ['its journal', coordinator, `/runs/${run}/journal`, '.journal li'],
      ['the runs', coordinator, '/runs', 'table a'],
      ['the overview', coordinator, '/overview', '#parked'],
      ['the register', coordinator, '/register/assets', 'table.register a'],
      ['contracts that are due', coordinator, '/register/contracts?only=due', 'table.register a'],
      ['the runbooks', coordinator, '/runbooks', 'main li a, main article a'],
      ['a start form', coordinator, '/runbooks/new-hire/start', 'form button[type=submit]'],
    ];
    const rows: Row[] = [];
    for (const [what, person, path, ready] of views) {
      const context = people.get(person) as BrowserContext;
      const all: Seen[] = [];
      for (let look = 0; look < looks; look += 1) all.push(await seen(context, stack.gateway + path, ready));
      console.error(`${what}: ${all.map(({ ms }) => Math.round(ms)).join(', ')} ms`);
      rows.push(
        {
          what: `${what}, first view`,
          value: median(all.map(({ ms }) => ms)),
          unit: 'ms',
          limit: mostMs,
          limitIs: 'at most',
        },
        {
          what: `${what}, script over the wire`,
          value: Math.max(...all.map(({ kilobytes }) => kilobytes)),
          unit: 'KB',
          limit: mostKilobytes,
          limitIs: 'at most',
        },
      );
    }
    await pages.close();
    report('console', rows);
  } finally {
    await browser.close();
    await stack.stop();
  }
}

await main();
