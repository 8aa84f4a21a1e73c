// Retakes the pictures of the console in docs/images: a stack of its own over the stand-ins, a few runs, Debian's Chromium.
import { spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from './build.mjs';
import { root } from './root.mjs';

const { chromium } = await import('playwright-core');
const { parse, stringify } = await import('yaml');

const images = join(root, 'docs', 'images');
const coordinator = 'kim.okafor@example.com';
const manager = 'dana.reyes@example.com';
const board = 'morgan.weiss@example.com';
const desk = { width: 1280, height: 800 };
const phone = { width: 360, height: 740 };

await build();
const folder = mkdtempSync(join(tmpdir(), 'countersign-pictures-'));
const data = join(folder, 'data');
const stack = startStack();
try {
  const { gateway, sandbox } = await started();
  const api = apiOf(gateway);
  const runs = await playRuns(api, sandbox);
  await takePictures(gateway, sandbox, runs);
} finally {
  stack.kill('SIGTERM');
  await new Promise((done) => stack.once('exit', done));
  rmSync(folder, { recursive: true, force: true });
}

/** The example's runbooks and, for something to show of changes, those of the console's tests. */
function startStack() {
  for (const from of ['runbooks', join('test', 'console', 'runbooks')])
    cpSync(join(root, from), join(folder, 'runbooks'), { recursive: true });
  const [own, more] = ['.', join('test', 'console')].map((place) =>
    parse(readFileSync(join(root, place, 'countersign.yaml'), 'utf8')),
  );
  const together = { ...own };
  for (const key of ['roles', 'calendars']) together[key] = { ...more[key], ...own[key] };
  // The organisation, and tables that runbooks read, stand beside the configuration.
  for (const beside of ['organisation.yaml', 'data'])
    if (existsSync(join(root, beside))) cpSync(join(root, beside), join(folder, beside), { recursive: true });
  const configuration = join(folder, 'countersign.yaml');
  writeFileSync(configuration, stringify(together));
  const args = ['dev', '--data', data, '--config', configuration, '--runbooks', join(folder, 'runbooks')];
  return spawn(process.execPath, [join(root, 'dist', 'cli', 'main.js'), ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, COUNTERSIGN_PORT: '0' },
  });
}

function started() {
  const file = join(data, 'stack.json');
  return until('the stack', () => existsSync(file) && JSON.parse(readFileSync(file, 'utf8')), 900_000);
}

function apiOf(gateway) {
  const token = readFileSync(join(data, 'local-token'), 'utf8').trim();
  return async (as, method, path, body) => {
    const response = await fetch(`${gateway}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        'x-countersign-as': as,
        ...(body ? { 'content-type': 'application/json' } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(`${method} ${path}: ${answer.detail}`);
    return answer;
  };
}

/** A run that waits for its manager, one that parked, one that is done, one that was refused, and a change before its board. */
async function playRuns(api, sandbox) {
  const played = async (path, body) => {
    const response = await fetch(`${sandbox}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return response.json();
  };
  const inDays = (days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
  const hire = async (givenName, familyName, more = {}) => {
    const person = { givenName, familyName, startDate: inDays(7), country: 'DE', manager, ...more };
    const { key } = await played('/_sandbox/jira/issues', person);
    await played('/_sandbox/jira/move', { key, to: 'Approved', secret: 'none: it is not delivered' });
    const ticket = {
      system: 'jira',
      key,
      url: `https://example.atlassian.net/browse/${key}`,
      summary: `${givenName} ${familyName} joins`,
    };
    const { id } = await api(coordinator, 'POST', '/runs', { runbook: 'new-hire', inputs: person, ticket });
    return id;
  };
  const vote = async (as, run, step, decision, comment, form) => {
    const gate = await until(`gate ${step}`, () => api(as, 'GET', `/runs/${run}/steps/${step}/gate`));
    await api(as, 'POST', `/runs/${run}/steps/${step}/vote`, { decision, comment, hash: gate.hash, form });
  };
  const statusOf = (run, ...wanted) =>
    until(`run ${run} to be ${wanted.join(' or ')}`, async () =>
      wanted.includes((await api(coordinator, 'GET', `/runs/${run}`)).status),
    );

  const done = await hire('Ada', 'Brandt', {
    startDate: inDays(0),
    groups: ['All Staff', 'Engineering'],
  });
  await vote(manager, done, 'signoff', 'approve', 'Welcome, Ada.');
  const refused = await hire('Noa', 'Falk');
  await vote(manager, refused, 'signoff', 'reject', 'Noa starts in May, with another team.');
  const parked = await hire('Pia', 'Holm', { licence: 'SPE_E5' });
  await vote(manager, parked, 'signoff', 'approve', 'The desk next to mine is free.');
  /** What those who sign fill in. */
  const kept = { keptUntil: inDays(365) };
  const close = async (account, number, summary) => {
    const inputs = { account, reason: 'Duplicate', backup: false, pin: '4471' };
    const key = `IT-${number}`;
    const ticket = { system: 'jira', key, url: `https://example.atlassian.net/browse/${key}`, summary };
    const { id } = await api(coordinator, 'POST', '/runs', { runbook: 'close-account', inputs, ticket });
    await vote('alex.duarte@example.com', id, 'board', 'approve', 'I have looked at it.', kept);
    return id;
  };
  const signed = await close('robin.sato@example.com', 30, 'Robin has two accounts');
  await vote(board, signed, 'board', 'approve', undefined, kept);
  const change = await close('sam.lindqvist@example.com', 31, 'Sam has two accounts');
  const waiting = await hire('Mia', 'Berg', { groups: ['All Staff', 'Engineering'] });
  await until('the gate of the last', () => api(manager, 'GET', `/runs/${waiting}/steps/signoff/gate`));
  await statusOf(parked, 'parked');
  await statusOf(refused, 'rejected');
  await statusOf(done, 'succeeded');
  await until('the task', async () =>
    (await api(coordinator, 'GET', '/inbox')).items.some(({ kind }) => kind === 'task'),
  );
  return { change, parked, waiting, signed };
}

async function takePictures(gateway, sandbox, { change, parked, waiting, signed }) {
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-sync',
    ],
  });
  const pictures = [
    ['sign-in', undefined, '/', desk],
    ['inbox', coordinator, '/', desk],
    ['gate', board, `/runs/${change}/gates/board`, desk],
    ['gate-phone', manager, `/runs/${waiting}/gates/signoff`, phone],
    ['run', coordinator, `/runs/${parked}`, desk],
    ['run-dark', coordinator, `/runs/${parked}`, desk, 'dark'],
    ['journal', coordinator, `/runs/${parked}/journal`, desk],
    ['task', coordinator, `/runs/${signed}/tasks/archive`, desk],
    ['runs', coordinator, '/runs', desk],
    ['overview', coordinator, '/overview', desk],
    ['calendar', coordinator, '/calendar', desk],
    ['calendar-phone', coordinator, '/calendar?view=list', phone],
    ['runbooks', coordinator, '/runbooks', desk],
    ['runbook', coordinator, '/runbooks/new-hire', desk],
    ['start', coordinator, '/runbooks/close-account/start', desk],
  ];
  mkdirSync(images, { recursive: true });
  try {
    const signedIn = {};
    for (const person of [manager, board, coordinator])
      signedIn[person] = await signIn(browser, gateway, sandbox, person);
    for (const [name, person, path, viewport, colorScheme = 'light'] of pictures) {
      const context = await browser.newContext({
        viewport,
        colorScheme,
        timezoneId: 'Europe/Berlin',
        ...(person ? { storageState: signedIn[person] } : {}),
      });
      const page = await context.newPage();
      await page.goto(gateway + path);
      await page.locator('h1').waitFor();
      // Long enough for what is loaded after the page's own text.
      await page.waitForTimeout(800);
      const file = join(images, `${name}.png`);
      await page.screenshot({ path: file });
      console.log(`docs/images/${name}.png  ${Math.round(statSync(file).size / 1024)} KB`);
      await context.close();
    }
  } finally {
    await browser.close();
  }
}

/** Signs in once a person, since only so many codes are sent within an hour; gives the cookies. */
async function signIn(browser, gateway, sandbox, person) {
  const context = await browser.newContext();
  const headers = { 'x-countersign-request': '1' };
  await context.request.post(`${gateway}/api/v1/sign-in/code`, { data: { email: person }, headers });
  const code = await until(`a code for ${person}`, async () => {
    const mails = await fetch(`${sandbox}/_sandbox/mails`).then((response) => response.json());
    const mail = mails.find(({ to, subject }) => to.includes(person) && /sign-in code/.test(subject));
    return mail && /\d{4}-\d{4}/.exec(mail.text)?.[0];
  });
  await context.request.post(`${gateway}/api/v1/sign-in`, { data: { email: person, code }, headers });
  const state = await context.storageState();
  await context.close();
  return state;
}

async function until(what, look, limitMs = 60_000) {
  let last;
  for (const end = Date.now() + limitMs; Date.now() < end; ) {
    try {
      const found = await look();
      if (found) return found;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`waited in vain for ${what}${last ? `: ${last.message}` : ''}`);
}
