/** The health of a KMA as an SNMP agent shows it (deploy/OPENKMA-MIB.txt): standing, pool, members. It holds nothing that a status does not. */
import { cutUtf8 } from '@openkma/protocol';
import { z } from 'zod';
import { PRODUCT } from '../snmp/alarm-varbinds.ts';
import { integer, type Oid, octets, TYPE } from '../snmp/ber.ts';
import type { Varbind } from '../snmp/message.ts';

const count = z
  .int()
  .min(0)
  .max(2 ** 31 - 1);

/** As the core knows it. */
export const kmaStanding = z.strictObject({
  locked: z.boolean(),
  /** Why it has stopped itself; "" while it serves. */
  errorState: z.string().max(1024),
  /** Of the pool as it is to be. */
  poolReadyPercent: z.int().min(0).max(100),
  poolSize: count,
  members: z
    .array(
      z.strictObject({
        name: z.string().max(256),
        responding: z.boolean(),
        /** Entries of logs that one of both has and the other has not. */
        lagEntries: count,
      }),
    )
    .max(256),
});
export type KmaStanding = z.infer<typeof kmaStanding>;

export const kmaHealth = kmaStanding.extend({
  /** Where the data directory lies. */
  storage: z.strictObject({ totalBytes: z.number().min(0), freeBytes: z.number().min(0) }),
});
export type KmaHealth = z.infer<typeof kmaHealth>;

/** As the MIB has it. */
const TEXT_BYTES_MAX = 512;
const HEALTH: Oid = [...PRODUCT, 200];
const MEMBER_ENTRY: Oid = [...HEALTH, 7, 1];
/** TruthValue of SNMPv2-TC. */
const truth = (value: boolean) => integer(value ? 1 : 2);
const text = (value: string) => octets(Buffer.from(cutUtf8(value, TEXT_BYTES_MAX)));
const gauge = (value: number) => integer(value, TYPE.gauge32);

export function healthObjects(health: KmaHealth, name: string, version: string): readonly Varbind[] {
  const scalars = [
    text(name),
    text(version),
    truth(health.locked),
    text(health.errorState),
    gauge(health.poolReadyPercent),
    gauge(health.poolSize),
  ];
  return [
    ...scalars.map((value, place) => ({ oid: [...HEALTH, place + 1, 0], value })),
    ...health.members.flatMap((member, place) =>
      [text(member.name), truth(member.responding), gauge(member.lagEntries)].map((value, column) => ({
        // The index itself is not accessible.
        oid: [...MEMBER_ENTRY, column + 2, place + 1],
        value,
      })),
    ),
  ];
}
