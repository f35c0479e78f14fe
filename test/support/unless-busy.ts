/** What a KMA answers an agent once it does not call itself busy. That something does not exist it never takes for "not yet". */
import { setTimeout as pause } from 'node:timers/promises';
import { kindOf } from '@openkma/agent';

/** Where another KMA is slow to say what it has, agents are told to ask again. */
const ATTEMPTS_MAX = 100;
const PAUSE_MS = 20;

export async function unlessBusy<T>(call: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++)
    try {
      return await call();
    } catch (error) {
      if (kindOf(error) !== 'unavailable' || attempt === ATTEMPTS_MAX) throw error;
      await pause(PAUSE_MS);
    }
}
