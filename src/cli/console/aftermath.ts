/** Waits for what was begun at the console: the KMA away, back, or erased. It asks for no passphrase and ends nothing. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { isRefusal } from '../../core/refusal.ts';
import { isServing } from '../admin-client.ts';
import type { Terminal } from '../quickstart/terminal.ts';
import type { Aftermath } from './menu.ts';
import { asked } from './session.ts';

const LOOK_MS = 300;
/** Its processes answer what is under way, and take ten seconds each at most. */
const PATIENCE_MS = 90_000;
/** A disk that is written over. */
const ERASURE_MS = 60 * 60 * 1000;

const started = z.looseObject({ coreStartedAt: z.string() });

/** When the core that answers now was started; "" where none answers. */
export async function startedAt(dataDirectory: string): Promise<string> {
  const answer = await asked(dataDirectory, { operation: 'ShowStatus', input: {} });
  return isRefusal(answer) ? '' : started.parse(answer.output).coreStartedAt;
}

/** Whether it has come to that; Ctrl-C waits no longer. `before`: when the core was started that was asked. */
export async function awaitAftermath(
  terminal: Terminal,
  dataDirectory: string,
  { after, before }: { readonly after: Aftermath; readonly before: string },
): Promise<boolean> {
  const so = {
    reboot: async () => {
      const now = await startedAt(dataDirectory);
      return now !== '' && now !== before;
    },
    'shut-down': async () => !(await isServing(dataDirectory)),
    reset: async () => !existsSync(join(dataDirectory, 'kma.db')),
  } as const satisfies Record<Aftermath, () => Promise<boolean>>;
  return waitFor(terminal, so[after], after === 'reset' ? ERASURE_MS : PATIENCE_MS);
}

async function waitFor(
  terminal: Terminal,
  isSo: () => Promise<boolean>,
  patienceMs: number,
): Promise<boolean> {
  const endMs = performance.now() + patienceMs;
  let waits = true;
  return terminal.whileWorking(
    async () => {
      for (; waits && performance.now() < endMs; await pause(LOOK_MS)) if (await isSo()) return true;
      return false;
    },
    () => {
      waits = false;
    },
  );
}
