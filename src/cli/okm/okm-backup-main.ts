/** Runs OKM_Backup with the arguments of the process. */
import { runOkmBackup } from './okm-backup.ts';

await runOkmBackup(process.argv.slice(2));
