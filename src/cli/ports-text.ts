/** "kma ports" for people: what listens, whom the KMA connects to, and first of all where kernel and settings differ. It judges nothing. */
import type { z } from 'zod';
import type { showPorts } from '../operations/platform/ports.ts';
import { printable } from './cell-text.ts';
import { Table } from './table.ts';

export type Ports = z.infer<typeof showPorts.output>;
type Port = Ports['ports'][number];

export function portsText({ kma, ports }: Ports): string {
  const wrong = ports.filter((row) => row.wrong !== '');
  return [
    ...(wrong.length === 0 ? [] : [`NOT AS SET:\n${wrong.map(wrongText).join('')}`]),
    `KMA ${printable(kma)} listens on\n\n${tableText(ports, 'listening', 'held by')}`,
    `and connects to\n\n${tableText(ports, 'connecting', 'whom')}`,
  ].join('\n');
}

function wrongText({ port, transport, what, wrong }: Port): string {
  return `  ${port}/${transport} ${printable(what)}: ${printable(wrong)}\n`;
}

function tableText(ports: readonly Port[], direction: Port['direction'], heading: string): string {
  const rows = ports.filter((row) => row.direction === direction);
  return new Table(['port', 'what', 'network', 'state', heading, 'when']).text(
    rows.map(({ port, transport, what, network, state, heldBy, targets, why }) => ({
      port: `${port}/${transport}`,
      ...{ what, network, state, when: why },
      [heading]: direction === 'listening' ? heldBy : targets,
    })),
  );
}
