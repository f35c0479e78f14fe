/** Loaded before a program (`node --import`): ends it with signal 9 just before the n-th call that makes, moves or removes something in a folder, or just after it moved a directory. It changes nothing else. */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

/** Counted from 1; that call is not made any more. */
const killAt = Number(process.env['KILL_AT']);
const folder = process.env['KILL_FOLDER'] ?? '';
let calls = 0;

function count(path: fs.PathLike): void {
  if (!String(path).startsWith(folder)) return;
  calls += 1;
  if (calls === killAt) process.kill(process.pid, 'SIGKILL');
}

const { existsSync, linkSync, mkdirSync, openSync, renameSync, rmdirSync, rmSync, statSync } = fs;
Object.assign(fs, {
  linkSync(...args: Parameters<typeof linkSync>) {
    count(args[1]);
    linkSync(...args);
  },
  mkdirSync(...args: Parameters<typeof mkdirSync>) {
    if (!existsSync(args[0])) count(args[0]);
    return mkdirSync(...args);
  },
  openSync(...args: Parameters<typeof openSync>) {
    if (!existsSync(args[0])) count(args[0]);
    return openSync(...args);
  },
  renameSync(...args: Parameters<typeof renameSync>) {
    count(args[0]);
    renameSync(...args);
    if (statSync(args[1]).isDirectory()) count(args[1]);
  },
  rmdirSync(...args: Parameters<typeof rmdirSync>) {
    count(args[0]);
    rmdirSync(...args);
  },
  rmSync(...args: Parameters<typeof rmSync>) {
    if (existsSync(args[0])) count(args[0]);
    rmSync(...args);
  },
});
syncBuiltinESMExports();
