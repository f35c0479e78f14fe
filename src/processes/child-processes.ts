/** Which processes another one has started, as Linux tells them. It signals none. */
import { readFileSync } from 'node:fs';

/** None where it is gone, or nobody tells. */
export function childrenOf(pid: number): readonly number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    return text === '' ? [] : text.split(' ').map(Number);
  } catch {
    return [];
  }
}
