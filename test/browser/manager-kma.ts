/** A running KMA and a browser for the tests of one file: people log in, and each window tells in the end whether its page complained. */
import assert from 'node:assert/strict';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { type Person, TestKma, type TestKmaOptions } from '../support/kma.ts';
import { logIn, openBrowser, openWindow, type Window } from './browser.ts';
import { PAGES } from './furnished.ts';

/** A browser on a machine with much to do. */
const LONG_MS = 60_000;

export interface Opened extends AsyncDisposable {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly complaints: string[];
}

export class ManagerKma implements AsyncDisposable {
  readonly kma: TestKma;
  readonly #browser: Browser;

  private constructor(kma: TestKma, browser: Browser) {
    this.kma = kma;
    this.#browser = browser;
  }

  static async start(options: TestKmaOptions = {}): Promise<ManagerKma> {
    return ManagerKma.of(await TestKma.start({ ...options, pages: PAGES }));
  }

  /** Of a KMA that serves the pages; it ends with what is made here. */
  static async of(kma: TestKma): Promise<ManagerKma> {
    return new ManagerKma(kma, await openBrowser(kma));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
    await this.kma[Symbol.asyncDispose]();
  }

  /** A window of somebody who has not gone anywhere yet. */
  async visitor(): Promise<Window> {
    const opened = await openWindow(this.#browser, `https://${this.kma.host}:${this.kma.webPort}`);
    opened.page.setDefaultTimeout(LONG_MS);
    return opened;
  }

  /** At a place of the Manager as this person; what the page complained of fails the test when the window goes. */
  async at(person: Person, path = '/'): Promise<Opened> {
    const { page, context, complaints } = await this.visitor();
    await logIn({ page, context, complaints }, person.name, person.passphrase);
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    if (path !== '/') await page.goto(path);
    return {
      page,
      context,
      complaints,
      [Symbol.asyncDispose]: async () => {
        await context.close();
        assert.deepEqual(complaints, []);
      },
    };
  }
}
