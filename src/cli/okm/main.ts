/** Runs okm with the arguments of the process. */
import { endWithOutput } from '../output.ts';
import { runOkm } from './okm.ts';

endWithOutput();
await runOkm(process.argv.slice(2));
