/** Runs okm with the arguments of the process. */
import { runOkm } from './okm.ts';

await runOkm(process.argv.slice(2));
