/** "kma state" for people: the hash, whole, since it is compared, and how far each log is. It compares nothing. */
import type { z } from 'zod';
import type { showState } from '../operations/cluster/show-state.ts';
import { printable } from './cell-text.ts';
import { asText } from './text-layout.ts';

export type State = z.infer<typeof showState.output>;

export function stateText({ kma, stateHash, logs }: State): string {
  return `State of KMA ${printable(kma)}: ${stateHash}

${asText(logs)}
KMAs that have folded the same entries have the same state.
`;
}
