/** Pages of the console for tests: people who sign in by the code from their mail, and what went wrong in a page unnoticed. */
import type { Browser, Page } from 'playwright-core';
import { type TestStack, until } from './stack.ts';

export class ConsolePages {
  private readonly browser: Browser | undefined;
  private readonly stack: TestStack;
  private readonly pages: Page[] = [];
  /** A script that was refused, an error nobody caught. */
  private readonly mishaps: string[] = [];

  constructor(browser: Browser | undefined, stack: TestStack) {
    this.browser = browser;
    this.stack = stack;
  }

  async open(
    path: string,
    viewport = { width: 1280, height: 800 },
    colorScheme: 'light' | 'dark' = 'light',
  ): Promise<Page> {
    if (!this.browser) throw new Error('no browser');
    const context = await this.browser.newContext({ viewport, colorScheme, timezoneId: 'Europe/Berlin' });
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    page.on('pageerror', (error) => this.mishaps.push(error.message));
    page.on('console', (message) => {
      // The browser says so of every answer that is an error, which is the gateway's way of saying no.
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
        this.mishaps.push(message.text());
    });
    this.pages.push(page);
    await page.goto(this.stack.gateway + path);
    return page;
  }

  async signedIn(
    person: string,
    path = '/',
    viewport?: { width: number; height: number },
    scheme?: 'light' | 'dark',
  ): Promise<Page> {
    const page = await this.open(path, viewport, scheme);
    const before = (await this.codesOf(person)).length;
    await page.getByLabel('Your e-mail address').fill(person);
    await page.getByRole('button', { name: 'Send the code' }).click();
    const code = await until(`a code for ${person}`, async () => (await this.codesOf(person))[before]);
    // Pasted whole, it needs no button.
    await page.getByLabel('The code').fill(code);
    await page.getByRole('navigation', { name: 'Main' }).waitFor();
    return page;
  }

  /** Closes all of them. Gives what went wrong in them. */
  async close(): Promise<string[]> {
    await Promise.all(this.pages.splice(0).map((page) => page.context().close()));
    return this.mishaps.splice(0);
  }

  async codesOf(person: string): Promise<string[]> {
    const mails = (await this.stack.mails()).filter(({ to }) => to.includes(person));
    return mails.flatMap(({ text }) => /\b\d{4}-\d{4}\b(?!-)/.exec(text)?.[0] ?? []);
  }
}
