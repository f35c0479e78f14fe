/** The KMA that the page comes from, as far as it decides what can be done there. It is asked for anew as long as something depends on it, and changes nothing. */
import type { Self } from '../forms/why-not.ts';
import { useWatched } from './watched.ts';

/** Another officer may lock it, and a lock takes a moment. */
const REFRESH_MS = 5_000;

/** Undefined until the answer is there. */
export function useSelf(): Self | undefined {
  return useWatched('showLockStatus', {}, REFRESH_MS).data;
}
