/** Brings the events of the audit to one receiver, each when the one before has arrived, from where it stopped and for as long as it takes. It makes nobody wait but itself, and tells of a receiver's trouble once. */
import type { AuditRecord } from '../operations/audit-record.ts';
import { AuditCursor } from './audit-cursor.ts';
import { AuditQueue } from './audit-queue.ts';
import type { PlatformTools } from './part.ts';
import { quoted } from './quoted.ts';

/** Of a receiver that comes and goes people are told this often at most. */
const NOTES_APART_MS = 60_000;
/** Of what is left out while it receives, since there is more than it can take, receiver and people are told this often at most. */
const TOLD_APART_MS = 60_000;
const AUDIT_RETRY_MS = 2_000;
/** New records are told of at once. */
const IDLE_MS = 60_000;

export interface FollowerParts {
  readonly tools: Pick<PlatformTools, 'audit' | 'note' | 'changed' | 'log' | 'nowMs'>;
  /** "SNMP manager noc": as people are told. */
  readonly name: string;
  /** Of the place in the audit; of one receiver alone. */
  readonly cursorPath: string;
  readonly wanted: (record: AuditRecord) => boolean;
  readonly eventsMax: number;
  /** Null when the receiver has it, else why not. */
  readonly send: (record: AuditRecord) => Promise<string | null>;
  /** Tells the receiver that so many were left out before the next one. */
  readonly sendDropped: (count: number) => Promise<string | null>;
  /** Between two tries of one that cannot be reached. */
  readonly retryMs: number;
}

export interface FollowerStanding {
  readonly waiting: number;
  readonly sent: number;
  readonly dropped: number;
  /** Why the last try failed; "" while it works. */
  readonly trouble: string;
}

/** How long the receiver was away, and what that cost it. */
interface Outage {
  readonly waited: number;
  readonly dropped: number;
}

export class AuditFollower {
  readonly #parts: FollowerParts;
  readonly #cursor: AuditCursor;
  #queue: AuditQueue | null = null;
  #sent = 0;
  /** Left out, and told of; and when that was. */
  #toldDropped = 0;
  #toldAtMs = Number.NEGATIVE_INFINITY;
  #toldBeforeOutage = 0;
  #trouble = '';
  #outage: Outage = { waited: 0, dropped: 0 };
  /** Whether people were told that it is away, and when they were told anything. */
  #saidAway = false;
  #saidAtMs = Number.NEGATIVE_INFINITY;
  #sayLater: NodeJS.Timeout | null = null;
  #stopped = false;
  /** There may be records that were not looked at yet. */
  #grew = false;
  #wake: (() => void) | null = null;
  readonly #ended: Promise<void>;

  constructor(parts: FollowerParts) {
    this.#parts = parts;
    this.#cursor = new AuditCursor(parts.cursorPath, (why) =>
      parts.tools.note({
        ...{ severity: 'warning', condition: 'Place of a receiver not kept' },
        message: `receiver=${quoted(parts.name)} after a restart it gets some events again: ${why}`.slice(
          0,
          512,
        ),
      }),
    );
    this.#ended = this.#run();
  }

  standing(): FollowerStanding {
    return {
      waiting: this.#queue?.length ?? 0,
      sent: this.#sent,
      dropped: this.#toldDropped + (this.#queue?.dropped ?? 0),
      trouble: this.#trouble,
    };
  }

  /** There are new records. */
  auditGrew(): void {
    this.#grew = true;
    if (this.#trouble === '') this.#wake?.();
  }

  /** The place is kept. Its sender has to give up what is being sent. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#wake?.();
    if (this.#sayLater !== null) clearTimeout(this.#sayLater);
    await this.#ended;
    this.#cursor.write();
  }
  /** For good. */
  async forget(): Promise<void> {
    await this.stop();
    this.#cursor.remove();
  }

  async #run(): Promise<void> {
    const { tools, retryMs } = this.#parts;
    while (tools.audit.newestRow() === 0 && !this.#stopped) await this.#pause(AUDIT_RETRY_MS);
    const queue = this.#begun();
    while (!this.#stopped) {
      const record = await this.#next(queue);
      if (record === 'later') await this.#pause(AUDIT_RETRY_MS);
      else if (record === null && !this.#grew) await this.#pause(IDLE_MS);
      else if (record !== null && !(await this.#brought(queue, record))) await this.#pause(retryMs);
    }
  }

  /** A receiver begins with now where it is new, or where its place is of another audit. */
  #begun(): AuditQueue {
    const { tools, name, wanted, eventsMax } = this.#parts;
    const newest = tools.audit.newestRow();
    const place = this.#cursor.place;
    if (place !== null && place.row > newest)
      tools.note({
        ...{ severity: 'warning', condition: 'Receiver begins anew' },
        message: `receiver=${quoted(name)} its place is not in this audit: it gets what comes from now on`,
      });
    const from = place === null || place.row > newest ? { row: newest, dropped: 0 } : place;
    this.#cursor.move(from);
    this.#queue = new AuditQueue({ audit: tools.audit, wanted, eventsMax }, from.row, from.dropped);
    return this.#queue;
  }

  async #next(queue: AuditQueue): Promise<AuditRecord | null | 'later'> {
    this.#grew = false;
    try {
      await queue.look();
      const first = await queue.first();
      if (first === null) this.#keepPlace(queue);
      return first;
    } catch (error) {
      this.#parts.tools.log(`${this.#parts.name}: the audit cannot be read now: ${String(error)}`);
      return 'later';
    }
  }

  /** False where the receiver cannot be reached now. */
  async #brought(queue: AuditQueue, record: AuditRecord): Promise<boolean> {
    const { dropped } = queue;
    if (dropped > 0 && performance.now() - this.#toldAtMs >= TOLD_APART_MS) {
      const why = await this.#parts.sendDropped(dropped);
      if (why !== null) return this.#failed(why);
      queue.toldOfDropped(dropped);
      this.#toldDropped += dropped;
      this.#toldAtMs = performance.now();
      if (this.#trouble === '') this.#sayDropped(dropped);
    }
    const why = await this.#parts.send(record);
    if (why !== null) return this.#failed(why);
    if (this.#trouble !== '')
      this.#outage = { waited: queue.length, dropped: this.#toldDropped - this.#toldBeforeOutage };
    queue.received(record);
    this.#sent += 1;
    this.#keepPlace(queue);
    this.#stands('');
    return true;
  }
  #failed(why: string): false {
    if (!this.#stopped) this.#stands(why);
    return false;
  }

  #keepPlace(queue: AuditQueue): void {
    const { reached: row, dropped } = queue;
    if (row !== this.#cursor.place?.row) this.#cursor.move({ row, dropped });
  }

  #stands(trouble: string): void {
    const before = this.#trouble;
    this.#trouble = trouble;
    if (before === '') this.#toldBeforeOutage = this.#toldDropped;
    if (before !== trouble) this.#parts.tools.changed();
    this.#say();
  }

  /** Tells people when it goes and when it is back, what lasts less long than they are left in peace not at all. */
  #say(): void {
    const away = this.#trouble !== '';
    if (away === this.#saidAway || this.#stopped) return;
    const restMs = this.#saidAtMs + NOTES_APART_MS - performance.now();
    if (restMs > 0) {
      this.#sayLater ??= setTimeout(() => {
        this.#sayLater = null;
        this.#say();
      }, restMs);
      return;
    }
    this.#saidAway = away;
    this.#saidAtMs = performance.now();
    const { tools, name } = this.#parts;
    const { waited, dropped } = this.#outage;
    tools.note(
      away
        ? {
            ...{ severity: 'warning', condition: 'Receiver unreachable' },
            message: `receiver=${quoted(name)} why=${quoted(this.#trouble)}`,
          }
        : {
            ...{ severity: 'success', condition: 'Receiver reachable again' },
            message: `receiver=${quoted(name)} waited=${waited} dropped=${dropped}`,
          },
    );
  }

  /** It is there, and cannot take as much as there is. */
  #sayDropped(dropped: number): void {
    const { tools, name } = this.#parts;
    tools.note({
      ...{ severity: 'warning', condition: 'Events left out' },
      message: `receiver=${quoted(name)} dropped=${dropped}`,
    });
  }

  #pause(timeMs: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        this.#wake = null;
        resolve();
      };
      const timer = setTimeout(end, timeMs);
      this.#wake = end;
      if (this.#stopped) end();
    });
  }
}
