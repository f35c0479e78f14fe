/** A whole list as a report over port 3333: rows a second, and what the memory of the KMA's processes grows by meanwhile. What is read is counted and thrown away. */
import https from 'node:https';
import { portOf, type Session } from '../src/client/log-in.ts';
import type { Pids } from './callers.ts';
import { atMost, type Goal, printTable } from './figures.ts';
import { pssMegabytes } from './memory.ts';

/** Less than a report of the smallest list that says anything. */
const GROWTH_MEGABYTES = 30;
const LOOK_MS = 500;

interface Report {
  readonly rows: number;
  readonly seconds: number;
  readonly megabytes: number;
  /** PSS of all processes after the first look, and the most of all looks. */
  readonly before: ReadonlyMap<string, number>;
  readonly most: ReadonlyMap<string, number>;
}

export async function reportGoals(session: Session, paths: readonly string[], pids: Pids): Promise<Goal[]> {
  const goals: Goal[] = [];
  const table: string[][] = [];
  for (const path of paths) {
    // Allocators keep what they have had once: only what comes after a whole run shows growth with the number of rows.
    await readReport(session, path, pids);
    const { rows, seconds, megabytes, before, most } = await readReport(session, path, pids);
    const grown = sum(most) - sum(before);
    const processes = [...most].map(
      ([name, after]) => `${name} ${before.get(name)?.toFixed(0)}..${after.toFixed(0)}`,
    );
    table.push([path, String(rows), megabytes.toFixed(0), (rows / seconds).toFixed(0), processes.join(', ')]);
    goals.push(atMost(`memory that a report of ${path} takes`, grown, GROWTH_MEGABYTES, 'MB', 1));
  }
  const head = ['report', 'rows', 'MB', 'rows a second', 'PSS by process, MB: at its start, at most'];
  printTable('Whole lists as JSON lines', head, table);
  return goals;
}

const sum = (parts: ReadonlyMap<string, number>) => [...parts.values()].reduce((all, one) => all + one, 0);
const look = (pids: Pids) => new Map([...pids()].map(([name, pid]) => [name, pssMegabytes(pid)] as const));

async function readReport(session: Session, path: string, pids: Pids): Promise<Report> {
  const before = look(pids);
  const most = new Map(before);
  const timer = setInterval(() => {
    for (const [name, now] of look(pids)) most.set(name, Math.max(now, most.get(name) ?? 0));
  }, LOOK_MS);
  const began = performance.now();
  try {
    const { rows, bytes } = await countLines(session, path);
    const seconds = (performance.now() - began) / 1000;
    return { rows, seconds, megabytes: bytes / 1e6, before, most };
  } finally {
    clearInterval(timer);
  }
}

function countLines(session: Session, path: string): Promise<{ rows: number; bytes: number }> {
  const { place, caPem, certificatePem, privateKeyPem } = session;
  return new Promise((resolve, reject) => {
    const asked = https.get(
      {
        host: place.address,
        port: portOf(place, 'management'),
        path,
        ca: caPem,
        cert: certificatePem,
        key: privateKeyPem,
        checkServerIdentity: () => undefined,
        agent: false,
        headers: { Accept: 'application/x-ndjson' },
      },
      (response) => {
        let [rows, bytes] = [0, 0];
        if (response.statusCode !== 200) reject(new Error(`${path}: ${response.statusCode}`));
        response.on('data', (piece: Buffer) => {
          bytes += piece.length;
          for (let at = piece.indexOf(10); at >= 0; at = piece.indexOf(10, at + 1)) rows += 1;
        });
        response.on('error', reject);
        response.on('end', () => resolve({ rows, bytes }));
      },
    );
    asked.on('error', reject);
  });
}
