/** A whole list as a report over port 3333: rows a second, and what the memory of the KMA's processes grows by meanwhile. What is read is counted and thrown away. */
import https from 'node:https';
import { portOf, type Session } from '../src/client/log-in.ts';
import type { Pids } from './callers.ts';
import { atMost, type Goal, printTable } from './figures.ts';
import { pssMegabytes } from './memory.ts';

const PATH = '/v1/audit-events';
/** Of the whole list to a quarter of it. What keeps rows, or does not wait for its reader, takes four times as much. */
const PEAK_RATIO = 1.2;
/** Less than a report of the smallest list that says anything. */
const GROWTH_MEGABYTES = 30;
const LOOK_MS = 250;

interface Report {
  readonly rows: number;
  readonly seconds: number;
  readonly megabytes: number;
  /** PSS of all processes after the first look, and the most of all looks. */
  readonly before: ReadonlyMap<string, number>;
  readonly most: ReadonlyMap<string, number>;
}

/** `rows`: about as many as the list has. */
export async function reportGoals(session: Session, rows: number, pids: Pids): Promise<Goal[]> {
  const quarterPath = `${PATH}?filter=${encodeURIComponent(`row<=${Math.round(rows / 4)}`)}`;
  // Allocators keep what they have had once: only what comes after a whole run shows growth with the number of rows.
  await readReport(session, PATH, pids);
  const quarter = await readReport(session, quarterPath, pids);
  const whole = await readReport(session, PATH, pids);
  const head = ['report', 'rows', 'MB', 'rows a second', 'PSS by process, MB: at its start, at most'];
  printTable('Lists as JSON lines', head, [rowOf('a quarter', quarter), rowOf('the whole', whole)]);
  const ratio = sum(whole.most) / sum(quarter.most);
  const grown = sum(whole.most) - sum(whole.before);
  return [
    atMost('peak of memory in a report, the whole list to a quarter', ratio, PEAK_RATIO, 'x'),
    atMost('memory that a report of the whole list takes', grown, GROWTH_MEGABYTES, 'MB', 1),
  ];
}

function rowOf(name: string, { rows, seconds, megabytes, before, most }: Report): (string | number)[] {
  const processes = [...most].map(
    ([process, peak]) => `${process} ${before.get(process)?.toFixed(0)}..${peak.toFixed(0)}`,
  );
  return [name, rows, megabytes.toFixed(0), (rows / seconds).toFixed(0), processes.join(', ')];
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
