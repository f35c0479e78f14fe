/** The virtual network: messages between machines that are lost, late, doubled or out of order, and links that are cut one way. It knows no content. */
import type { Random } from './random.ts';
import type { Schedule } from './schedule.ts';

export interface Weather {
  /** One in so many; 0 is none. */
  readonly lost: number;
  readonly doubled: number;
  readonly late: number;
}
/** Now and then a message is late at any time. */
export const FAIR: Weather = { lost: 0, doubled: 0, late: 150 };

const LATENCY_MS = [1, 20] as const;
const LATE_MS = 30_000;

export class Network {
  readonly #schedule: Schedule;
  readonly #random: Random;
  /** By where from and where to: how often it is cut, since partitions overlap. */
  readonly #cuts = new Map<string, Map<string, number>>();
  /** How often any link is cut: mostly none is. */
  #cutNow = 0;
  weather: Weather = FAIR;
  messages = 0;

  constructor(schedule: Schedule, random: Random) {
    this.#schedule = schedule;
    this.#random = random;
  }

  isCut(from: string, to: string): boolean {
    return this.#cutNow > 0 && (this.#cuts.get(from)?.get(to) ?? 0) > 0;
  }
  cut(from: string, to: string): void {
    this.#changeCuts(from, to, 1);
  }
  join(from: string, to: string): void {
    this.#changeCuts(from, to, -1);
  }
  #changeCuts(from: string, to: string, by: number): void {
    const cuts = this.#cuts.get(from) ?? new Map<string, number>();
    this.#cuts.set(from, cuts);
    const before = cuts.get(to) ?? 0;
    const after = Math.max(0, before + by);
    cuts.set(to, after);
    this.#cutNow += after - before;
  }
  heal(): void {
    this.#cuts.clear();
    this.#cutNow = 0;
    this.weather = FAIR;
  }

  /** A cut is looked at when it is sent and when it would arrive. */
  send(from: string, to: string, arrive: () => void | Promise<void>): void {
    this.messages += 1;
    if (this.isCut(from, to) || this.#befalls(this.weather.lost)) return;
    const copies = this.#befalls(this.weather.doubled) ? 2 : 1;
    for (let copy = 0; copy < copies; copy++)
      this.#schedule.after(this.#delayMs(), () => (this.isCut(from, to) ? undefined : arrive()));
  }

  #delayMs(): number {
    const [least, most] = LATENCY_MS;
    return this.#random.between(least, this.#befalls(this.weather.late) ? LATE_MS : most);
  }
  #befalls(oneIn: number): boolean {
    return oneIn > 0 && this.#random.chance(oneIn);
  }
}
