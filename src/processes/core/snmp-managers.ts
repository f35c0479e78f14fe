/** The enabled SNMP managers of the cluster with what is kept to protect their alarms, for the platform process. One whose object is still on its way waits for it. */
import { isLive } from '../../core/live.ts';
import type { Row } from '../../core/tables.ts';
import { shownName } from '../../operations/entities.ts';
import type { SnmpManagerConfig } from '../../platform/snmp/manager-config.ts';
import { SNMP_PRIVACIES } from '../../security/snmp-keys.ts';
import { readSnmpSecret } from '../../security/snmp-secret.ts';
import type { Store } from '../../store/store.ts';
import { logFailure } from './failure.ts';

/** More than operations let in, for those of two sides of a partition. */
const MANAGERS_MAX = 64;
const ROWS_MAX = 10_000;

export function snmpManagersOf(store: Store): SnmpManagerConfig[] {
  const rows = store.state
    .page('snmp_manager', '', ROWS_MAX)
    .filter((row) => isLive(row) && row.enabled === 1);
  return rows.slice(0, MANAGERS_MAX).flatMap((row): SnmpManagerConfig[] => {
    if (row.address === null || row.port === null) return [];
    const name = shownName(store.state, 'snmp_manager', row);
    const place = { id: row.id, name, address: row.address, port: row.port };
    return [{ ...place, security: securityOf(store, row, name) }];
  });
}

/** The object says what it is of: another row may have won than the one that it came with. */
function securityOf(store: Store, row: Row<'snmp_manager'>, name: string): SnmpManagerConfig['security'] {
  const object = row.secretObjectId === null ? undefined : store.getObject(row.secretObjectId);
  if (object === undefined) return null;
  try {
    const secret = readSnmpSecret(object.bytes);
    if (secret.protocol === 'v2c') return secret;
    const privacy = SNMP_PRIVACIES.find((known) => known === row.privacy) ?? 'AES-128';
    return { ...secret, user: row.userName ?? '', privacy };
  } catch (error) {
    logFailure(error, `SNMP manager ${name}`);
    return null;
  }
}
