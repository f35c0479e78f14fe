/** For worlds in which nothing is restored: whoever tries fails loudly. */
import type { RestoreTools } from './contexts.ts';

const nothing = () => Promise.reject(new Error('nothing is restored here'));
export const NO_RESTORE: RestoreTools = { write: nothing, files: nothing, run: nothing };
