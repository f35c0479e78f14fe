/** The time of a KMA: the machine's, and what was adjusted by hand. It sets no clock. */
import { CLOCK_OFFSET } from '../core/clock-adjustment.ts';

interface LocalRows {
  getLocal(name: string): string | undefined;
}

export function clockOffsetMs(store: LocalRows): number {
  return Number(store.getLocal(CLOCK_OFFSET) ?? 0);
}

/** For whoever asks once; the core has a KmaClock. */
export function kmaTimeMs(store: LocalRows): number {
  return Date.now() + clockOffsetMs(store);
}
