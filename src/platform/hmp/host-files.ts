/** What Linux tells of the machine in files: memory, processors, load, sensors. It reads nothing of anybody's data. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Memory {
  readonly totalBytes: number;
  readonly availableBytes: number;
  readonly swapTotalBytes: number;
  readonly swapFreeBytes: number;
}
/** Since the machine started, in hundredths of a second. */
export interface ProcessorTimes {
  readonly busy: number;
  readonly total: number;
}
export interface Sensor {
  readonly kind: 'temperature' | 'fan' | 'voltage';
  readonly name: string;
  /** Thousandths of a degree or of a volt, turns a minute. */
  readonly value: number;
}

const SENSORS_MAX = 256;
const NAME_BYTES_MAX = 64;
const KINDS: Readonly<Record<string, Sensor['kind']>> = { temp: 'temperature', fan: 'fan', in: 'voltage' };

/** `root` is another directory in tests. */
export class HostFiles {
  readonly #root: string;

  constructor(root = '/') {
    this.#root = root;
  }

  memory(): Memory {
    const text = this.#text('proc/meminfo') ?? '';
    const bytes = (name: string) =>
      Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0) * 1024;
    return {
      totalBytes: bytes('MemTotal'),
      availableBytes: bytes('MemAvailable'),
      swapTotalBytes: bytes('SwapTotal'),
      swapFreeBytes: bytes('SwapFree'),
    };
  }

  processors(): readonly ProcessorTimes[] {
    const lines = (this.#text('proc/stat') ?? '').split('\n').filter((line) => /^cpu\d/.test(line));
    return lines.map((line) => {
      const times = line.split(/\s+/).slice(1, 9).map(Number);
      const total = times.reduce((sum, time) => sum + time, 0);
      const [, , , idle = 0, waiting = 0] = times;
      return { total, busy: total - idle - waiting };
    });
  }

  /** Null where it is not told. */
  processorName(): string | null {
    return /^model name\s*:\s*(.+)$/m.exec(this.#text('proc/cpuinfo') ?? '')?.[1] ?? null;
  }

  uptimeSeconds(): number {
    return Number.parseFloat(this.#text('proc/uptime') ?? '0');
  }

  processes(): number {
    return Number(/\/(\d+) /.exec(this.#text('proc/loadavg') ?? '')?.[1] ?? 0);
  }

  /** Empty where the machine has none, as most virtual ones. */
  sensors(): readonly Sensor[] {
    return this.#list('sys/class/hwmon')
      .flatMap((chip) => this.#sensorsOf(join('sys/class/hwmon', chip)))
      .slice(0, SENSORS_MAX);
  }

  #sensorsOf(folder: string): readonly Sensor[] {
    const chip = this.#text(join(folder, 'name'))?.trim() ?? 'sensor';
    return this.#list(folder).flatMap((file): readonly Sensor[] => {
      const [, input = '', word = ''] = /^((temp|fan|in)\d+)_input$/.exec(file) ?? [];
      const kind = KINDS[word];
      const value = Number(this.#text(join(folder, file)));
      if (kind === undefined || !Number.isSafeInteger(value)) return [];
      const label = this.#text(join(folder, `${input}_label`))?.trim() ?? input;
      return [{ kind, name: `${chip} ${label}`.slice(0, NAME_BYTES_MAX), value }];
    });
  }

  #text(path: string): string | null {
    try {
      return readFileSync(join(this.#root, path), 'utf8');
    } catch {
      return null;
    }
  }
  #list(path: string): readonly string[] {
    try {
      return readdirSync(join(this.#root, path)).sort();
    } catch {
      return [];
    }
  }
}
