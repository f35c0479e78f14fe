/** The machine as the SNMP agent shows it: out of Linux's files, sensors only where there are some, and large numbers in units that fit. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { BerReader, TYPE } from '../snmp/ber.ts';
import { PDU, type Varbind } from '../snmp/message.ts';
import { HostFiles } from './host-files.ts';
import { hostObjects } from './host-objects.ts';
import { ManagedObjects } from './managed-objects.ts';

const MACHINE = {
  'proc/meminfo':
    'MemTotal:       8000000 kB\nMemAvailable:   6000000 kB\nSwapTotal: 1000 kB\nSwapFree: 400 kB\n',
  'proc/stat': 'cpu  9 9 9 9\ncpu0 100 0 100 700 100 0 0 0 0 0\ncpu1 0 0 0 1000 0 0 0 0 0 0\nintr 5\n',
  'proc/cpuinfo': 'processor\t: 0\nmodel name\t: A fast one\n',
  'proc/uptime': '12.50 3.00\n',
  'proc/loadavg': '0.1 0.2 0.3 1/234 5678\n',
};
const SENSORS = {
  'sys/class/hwmon/hwmon0/name': 'coretemp\n',
  'sys/class/hwmon/hwmon0/temp1_input': '45000\n',
  'sys/class/hwmon/hwmon0/temp1_label': 'Package id 0\n',
  'sys/class/hwmon/hwmon0/temp2_input': 'broken\n',
  'sys/class/hwmon/hwmon1/name': 'nct6775\n',
  'sys/class/hwmon/hwmon1/fan1_input': '1200\n',
  'sys/class/hwmon/hwmon1/in0_input': '1104\n',
};

function machine(t: TestContext, files: Readonly<Record<string, string>>): HostFiles {
  const root = mkdtempSync(join(tmpdir(), 'openkma-machine-'));
  t.after(() => rmSync(root, { recursive: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return new HostFiles(root);
}

/** Numbers and texts by object identifier, those behind `prefix`. */
function shown(objects: readonly Varbind[], prefix: string): Record<string, number | string> {
  return Object.fromEntries(
    objects
      .map(({ oid, value }) => [`.${oid.join('.')}`, value] as const)
      .filter(([oid]) => oid.startsWith(prefix))
      .map(([oid, value]) => {
        const { type, content } = new BerReader(Buffer.from(value)).value();
        const isNumber = type === TYPE.integer || type === TYPE.gauge32 || type === TYPE.timeTicks;
        return [
          oid.slice(prefix.length),
          isNumber ? Number(`0x${content.toString('hex')}`) : content.toString(),
        ];
      }),
  );
}

const STORAGE = '.1.3.6.1.2.1.25.2.3.1';
const DATA = { totalBytes: 3 * 2 ** 42, freeBytes: 2 ** 42 };

test('memory, swap and the data directory, each in units that fit into 31 bits', (t) => {
  const storage = shown(hostObjects(machine(t, MACHINE), [], DATA), STORAGE);
  const row = (place: number) => [3, 4, 5, 6].map((column) => storage[`.${column}.${place}`]);
  assert.deepEqual(row(1), ['Physical memory', 1024, 8_000_000, 2_000_000]);
  assert.deepEqual(row(2), ['Swap space', 1024, 1_000, 600]);
  assert.deepEqual(row(3), ['Data directory', 1024 * 1024, 3 * 2 ** 22, 2 ** 23]);
});

test('the load of a processor is what it did since a while ago', (t) => {
  const files = machine(t, MACHINE);
  const loads = (before: { busy: number; total: number }[]) =>
    shown(hostObjects(files, before, DATA), '.1.3.6.1.2.1.25.3.3.1.2');
  assert.deepEqual(loads([]), { '.1': 20, '.2': 0 });
  assert.deepEqual(loads([{ busy: 150, total: 900 }]), { '.1': 50, '.2': 0 });
  const host = shown(hostObjects(files, [], DATA), '.1.3.6.1.2.1.25');
  assert.deepEqual([host['.1.1.0'], host['.1.6.0'], host['.2.2.0']], [1_250, 234, 8_000_000]);
  assert.equal(host['.3.2.1.3.1'], 'A fast one');
});

test('sensors are shown where the machine has some that can be read', (t) => {
  const sensors = (files: object) =>
    shown(hostObjects(machine(t, { ...MACHINE, ...files }), [], DATA), '.1.3.6.1.4.1.2021.13.16');
  assert.deepEqual(sensors({}), {});
  assert.deepEqual(sensors(SENSORS), {
    '.2.1.1.1': 1,
    '.2.1.2.1': 'coretemp Package id 0',
    '.2.1.3.1': 45_000,
    '.3.1.1.1': 1,
    '.3.1.2.1': 'nct6775 fan1',
    '.3.1.3.1': 1_200,
    '.4.1.1.1': 1,
    '.4.1.2.1': 'nct6775 in0',
    '.4.1.3.1': 1_104,
  });
});

test('a machine that tells nothing ends nothing', (t) => {
  const objects = hostObjects(machine(t, {}), [], { totalBytes: 0, freeBytes: 0 });
  assert.equal(shown(objects, STORAGE)['.5.1'], 0);
});

test('a bulk question walks the objects in the order of their numbers, and ends where they end', () => {
  const value = Buffer.of(2, 1, 0);
  const oids = [
    [1, 3, 10],
    [1, 3, 9],
    [1, 3, 9, 1],
    [1, 3, 100],
    [1, 3, 9, 2],
  ];
  const objects = new ManagedObjects(oids.map((oid) => ({ oid, value })));
  const bulk = (once: number, repeats: number, ...asked: number[][]) =>
    objects
      .answer(
        {
          ...{ type: PDU.getBulk, requestId: 1, errorStatus: once, errorIndex: repeats },
          varbinds: asked.map((oid) => ({ oid, value })),
        },
        65_507,
      )
      ?.varbinds.map(({ oid, value: found }) => `${oid.join('.')}${found === value ? '' : ' end'}`);
  assert.deepEqual(bulk(0, 10, [1, 3]), ['1.3.9', '1.3.9.1', '1.3.9.2', '1.3.10', '1.3.100', '1.3.100 end']);
  assert.deepEqual(bulk(1, 2, [1, 3, 9], [1, 3, 10]), ['1.3.9.1', '1.3.100', '1.3.100 end']);
  assert.deepEqual(bulk(-5, 1, [1, 3]), ['1.3.9']);
  assert.deepEqual(bulk(0, -1, [1, 3]), []);
  assert.deepEqual(bulk(5, 5, [1, 3]), ['1.3.9']);
});
