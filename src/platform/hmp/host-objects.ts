/** The machine as an SNMP agent shows it: the system group (RFC 3418), host resources (RFC 2790), and sensors as LM-SENSORS-MIB has them. It names no file, no process and no user. */

import { PRODUCT } from '../snmp/alarm-varbinds.ts';
import { integer, type Oid, octets, oid, TYPE } from '../snmp/ber.ts';
import type { Varbind } from '../snmp/message.ts';
import type { HostFiles, ProcessorTimes, Sensor } from './host-files.ts';

const SYSTEM: Oid = [1, 3, 6, 1, 2, 1, 1];
const HOST: Oid = [1, 3, 6, 1, 2, 1, 25];
const STORAGE_ENTRY: Oid = [...HOST, 2, 3, 1];
const STORAGE_TYPES = { ram: [...HOST, 2, 1, 2], virtual: [...HOST, 2, 1, 3], disk: [...HOST, 2, 1, 4] };
const DEVICE_ENTRY: Oid = [...HOST, 3, 2, 1];
const PROCESSOR: Oid = [...HOST, 3, 1, 3];
const PROCESSOR_ENTRY: Oid = [...HOST, 3, 3, 1];
const SENSORS: Oid = [1, 3, 6, 1, 4, 1, 2021, 13, 16];
const SENSOR_TABLES = { temperature: 2, fan: 3, voltage: 4 } as const;
/** Applications and end to end, as hosts have it. */
const SERVICES = 72;
const RUNNING = 2;
const INTEGER_MAX = 2 ** 31 - 1;
const GAUGE_MAX = 2 ** 32 - 1;
const TICKS_END = 2 ** 32;

const text = (value: string) => octets(Buffer.from(value));
const whole = (value: number) => integer(Math.max(0, Math.min(INTEGER_MAX, Math.round(value))));
const gauge = (value: number) => integer(Math.max(0, Math.min(GAUGE_MAX, Math.round(value))), TYPE.gauge32);
const ticks = (seconds: number) => integer(Math.floor(seconds * 100) % TICKS_END, TYPE.timeTicks);

export interface SystemNames {
  readonly name: string;
  readonly version: string;
}

export function systemObjects({ name, version }: SystemNames, upSeconds: number): readonly Varbind[] {
  const values = [
    text(`OpenKMA ${version}`),
    oid([...PRODUCT, 200]),
    ticks(upSeconds),
    text(''),
    text(name),
    text(''),
    whole(SERVICES),
  ];
  return values.map((value, place) => ({ oid: [...SYSTEM, place + 1, 0], value }));
}

interface Storage {
  readonly type: Oid;
  readonly name: string;
  readonly totalBytes: number;
  readonly usedBytes: number;
}

/** `before` are the processors' times of a while ago: load is what lies between. */
export function hostObjects(
  files: HostFiles,
  before: readonly ProcessorTimes[],
  data: { readonly totalBytes: number; readonly freeBytes: number },
): readonly Varbind[] {
  const memory = files.memory();
  const storages: Storage[] = [
    {
      ...{ type: STORAGE_TYPES.ram, name: 'Physical memory', totalBytes: memory.totalBytes },
      usedBytes: memory.totalBytes - memory.availableBytes,
    },
    {
      ...{ type: STORAGE_TYPES.virtual, name: 'Swap space', totalBytes: memory.swapTotalBytes },
      usedBytes: memory.swapTotalBytes - memory.swapFreeBytes,
    },
    {
      ...{ type: STORAGE_TYPES.disk, name: 'Data directory', totalBytes: data.totalBytes },
      usedBytes: data.totalBytes - data.freeBytes,
    },
  ];
  return [
    { oid: [...HOST, 1, 1, 0], value: ticks(files.uptimeSeconds()) },
    { oid: [...HOST, 1, 6, 0], value: gauge(files.processes()) },
    { oid: [...HOST, 2, 2, 0], value: whole(memory.totalBytes / 1024) },
    ...storages.flatMap(storageObjects),
    ...processorObjects(files, before),
    ...sensorObjects(files.sensors()),
  ];
}

/** In units that let large ones fit into 31 bits. */
function storageObjects({ type, name, totalBytes, usedBytes }: Storage, place: number): readonly Varbind[] {
  const unit = totalBytes / 1024 > INTEGER_MAX ? 1024 * 1024 : 1024;
  const columns = [
    whole(place + 1),
    oid(type),
    text(name),
    whole(unit),
    whole(totalBytes / unit),
    whole(usedBytes / unit),
  ];
  return columns.map((value, column) => ({ oid: [...STORAGE_ENTRY, column + 1, place + 1], value }));
}

function processorObjects(files: HostFiles, before: readonly ProcessorTimes[]): readonly Varbind[] {
  const name = files.processorName() ?? 'Processor';
  return files.processors().flatMap(({ busy, total }, place) => {
    const index = place + 1;
    const then = before[place] ?? { busy: 0, total: 0 };
    const passed = total - then.total;
    const load = passed <= 0 ? 0 : Math.min(100, (100 * (busy - then.busy)) / passed);
    return [
      { oid: [...DEVICE_ENTRY, 1, index], value: whole(index) },
      { oid: [...DEVICE_ENTRY, 2, index], value: oid(PROCESSOR) },
      { oid: [...DEVICE_ENTRY, 3, index], value: text(name) },
      { oid: [...DEVICE_ENTRY, 4, index], value: oid([0, 0]) },
      { oid: [...DEVICE_ENTRY, 5, index], value: whole(RUNNING) },
      { oid: [...PROCESSOR_ENTRY, 1, index], value: oid([0, 0]) },
      { oid: [...PROCESSOR_ENTRY, 2, index], value: whole(load) },
    ];
  });
}

/** Temperatures and voltages in thousandths. */
function sensorObjects(sensors: readonly Sensor[]): readonly Varbind[] {
  return (['temperature', 'fan', 'voltage'] as const).flatMap((kind) =>
    sensors
      .filter((sensor) => sensor.kind === kind)
      .flatMap(({ name, value }, place) =>
        [whole(place + 1), text(name), gauge(value)].map((cell, column) => ({
          oid: [...SENSORS, SENSOR_TABLES[kind], 1, column + 1, place + 1],
          value: cell,
        })),
      ),
  );
}
