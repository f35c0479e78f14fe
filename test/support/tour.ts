/** Runs a tour of docs/ as a reader runs it, in a directory of its own, on ports that are free, which nobody knows beforehand. It judges nothing. */
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type CommandResult, commandFed } from './kma-command.ts';

/** Below the ports that the system gives to outgoing connections. */
const OFFSETS = [7_000, 28_000] as const;
const ATTEMPTS = 5;

export const tourPath = (name: string): string =>
  fileURLToPath(new URL(`../../docs/${name}`, import.meta.url));

export async function toured(
  name: string,
  folder: string,
  more: Readonly<Record<string, string>> = {},
): Promise<CommandResult & { readonly place: string }> {
  for (let attempt = 1; ; attempt++) {
    const place = join(folder, `place-${attempt}`);
    const environment = { TOUR_PORT_OFFSET: String(randomInt(...OFFSETS)), ...more };
    const result = await commandFed('', environment, 'bash', tourPath(name), place);
    if (attempt === ATTEMPTS || !result.stderr.includes('PORT_TAKEN')) return { ...result, place };
  }
}
