/** Runs a tour of docs/ as a reader runs it, in a directory of its own, on ports that are free, which nobody knows beforehand. It judges nothing. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { drawnPort } from './free-port.ts';
import { type CommandResult, commandFed } from './kma-command.ts';

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
    const environment = { TOUR_PORT_OFFSET: String(drawnPort()), ...more };
    const result = await commandFed('', environment, 'bash', tourPath(name), place);
    if (attempt === ATTEMPTS || !result.stderr.includes('PORT_TAKEN')) return { ...result, place };
  }
}
