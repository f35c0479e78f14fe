/** A KMA with somebody of each role and something in most lists, so that pages have rows to show. It drives no browser. */
import { fileURLToPath } from 'node:url';
import { makeRequestedKey } from '../../src/client/own-certificate.ts';
import type { Role } from '../../src/operations/operation.ts';
import {
  AUDITOR,
  BACKUP,
  COMPLIANCE,
  OFFICER,
  OPERATOR,
  type Person,
  QUORUM,
  TestKma,
} from '../support/kma.ts';

export const PAGES = fileURLToPath(new URL('../../manager/dist', import.meta.url));

export const MEMBER = { name: 'member', passphrase: 'Joins-the-vote-8' };

export const PEOPLE: readonly (readonly [Role, Person])[] = [
  ['SECURITY_OFFICER', OFFICER],
  ['COMPLIANCE_OFFICER', COMPLIANCE],
  ['OPERATOR', OPERATOR],
  ['BACKUP_OPERATOR', BACKUP],
  ['AUDITOR', AUDITOR],
  ['QUORUM_MEMBER', MEMBER],
];

export async function furnishedKma(): Promise<TestKma> {
  const kma = await TestKma.start({ pages: PAGES });
  try {
    await furnish(kma);
  } catch (error) {
    await kma[Symbol.asyncDispose]();
    throw error;
  }
  return kma;
}

async function furnish(kma: TestKma): Promise<void> {
  const roles = ['QUORUM_MEMBER'];
  await kma.ask('CreateUser', { user: MEMBER.name, roles, passphrase: MEMBER.passphrase }, OFFICER, QUORUM);
  const drive = await kma.agent('drive-1');
  const { dataUnitId } = await drive.createDataUnit({ externalTag: 'TAPE-0001' });
  await drive.createKey({ dataUnitId });
  drive.close();
  const receiver = { address: '127.0.0.1', port: 9, protocol: 'v2c', passphrase: 'Alarms-go-here-7' };
  await kma.ask('CreateSnmpManager', { manager: 'receiver', ...receiver }, OFFICER);
  const server = { server: 'logs', address: '127.0.0.1', port: 9, transport: 'tcp' };
  await kma.ask('CreateSyslogServer', server, OFFICER);
  for (const [, person] of PEOPLE) {
    const { requestPem: request } = await makeRequestedKey(person.name);
    await kma.ask('SaveOwnCertificate', { request }, person);
  }
}
