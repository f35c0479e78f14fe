/** Debian's Chromium, driven as a person would drive it, over TLS to a KMA whose key it has been told. It tells of everything that the page complains of. */
import { createHash, X509Certificate } from 'node:crypto';
import { accessSync } from 'node:fs';
import { connect } from 'node:tls';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { until } from '../support/until.ts';

const CHROMIUM = '/usr/bin/chromium';
const CHROMIUM_ARGUMENTS = ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'];

/** Where a KMA has its pages. */
interface Served {
  readonly host: string;
  readonly webPort: number;
}

/**
 * It knows the key of this KMA. Of a server that it does not know and only puts up with a browser caches nothing, and Chromium begins
 * each request anew for every connection that nobody has excused yet: after 32 of them it gives up (ERR_TOO_MANY_RETRIES).
 */
export async function openBrowser(served: Served): Promise<Browser> {
  try {
    accessSync(CHROMIUM);
  } catch {
    throw new Error('the Debian package chromium is missing');
  }
  const key = await publicKeySha256(served);
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [...CHROMIUM_ARGUMENTS, `--ignore-certificate-errors-spki-list=${key}`],
  });
}

function publicKeySha256({ host, webPort }: Served): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: webPort, rejectUnauthorized: false }, () => {
      const { raw } = socket.getPeerCertificate();
      const key = new X509Certificate(raw).publicKey.export({ type: 'spki', format: 'der' });
      socket.destroy();
      resolve(createHash('sha256').update(key).digest('base64'));
    });
    socket.on('error', reject);
  });
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

/** A browser tells of every refusal by itself: of one with this status it has to; whatever else it tells of stays. */
export async function expectRefusal(
  { complaints }: Pick<Window, 'complaints'>,
  status: number,
): Promise<void> {
  const at = () => complaints.findIndex((text) => text.includes(`status of ${status}`));
  await until(`the browser tells of a refusal with status ${status}`, () => at() >= 0);
  complaints.splice(at(), 1);
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
