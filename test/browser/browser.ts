/** Debian's Chromium, driven as a person would drive it, over TLS to a KMA whose certificate it has been told to take. It tells of everything that the page complains of. */
import { accessSync } from 'node:fs';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

export const CHROMIUM = '/usr/bin/chromium';
export const CHROMIUM_ARGUMENTS = ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'];

export async function openBrowser(): Promise<Browser> {
  try {
    accessSync(CHROMIUM);
  } catch {
    throw new Error('the Debian package chromium is missing');
  }
  return chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_ARGUMENTS });
}

/** One person's window, with all that went wrong in it. */
export interface Window {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Errors of the console, of scripts and of the page's policy. */
  readonly complaints: string[];
}

export async function openWindow(browser: Browser, origin: string): Promise<Window> {
  const context = await browser.newContext({
    ignoreHTTPSErrors: true,
    baseURL: origin,
    acceptDownloads: true,
  });
  // The browser's own words for it differ from kind to kind; the event is one.
  await context.addInitScript(
    `addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
      console.error('policy: ' + violatedDirective + ' ' + blockedURI))`,
  );
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  return { context, page, complaints };
}

export async function logIn(window: Window, user: string, passphrase: string): Promise<void> {
  await window.page.goto('/');
  await giveProof(window, user, passphrase);
}

/** Where the log-in is shown already. */
export async function giveProof(
  { page }: Pick<Window, 'page'>,
  user: string,
  passphrase: string,
): Promise<void> {
  await page.getByLabel('User ID').fill(user);
  await page.getByLabel('Passphrase').fill(passphrase);
  await page.getByRole('button', { name: 'Log in' }).click();
}
