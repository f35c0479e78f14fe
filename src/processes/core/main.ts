/** The core process: waits for the supervisor's order, opens the core and its two sockets, and is replaced when the KMA is locked. */
import type { Server } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { hasOrHadOthers } from '../../core/members.ts';
import { OpenKmaError } from '../../errors.ts';
import { logEvent, outliveOutput } from '../../log-line.ts';
import { servedElsewhere } from '../../operations/entered-addresses.ts';
import { readWebSetting } from '../../platform-settings/web.ts';
import { readTlsKeyPem } from '../../setup/local-identity.ts';
import { isRestoredWanted } from '../../setup/replaced-data-directory.ts';
import { DataDirectory } from '../../store/data-directory.ts';
import { asStoreError } from '../../store/database.ts';
import {
  type CoreToSupervisor,
  expectMessage,
  type Obstacle,
  type SupervisorToCore,
  supervisorToCore,
} from '../messages.ts';
import { listenForAdministrators } from './admin-socket.ts';
import { logFailure } from './failure.ts';
import { listenForFronts } from './front-socket.ts';
import { listenForManagers } from './management-socket.ts';
import type { MemberStandings } from './member-standings.ts';
import { openCore, type RunningCore } from './open-core.ts';
import { listenForPlatform } from './platform-socket.ts';
import { ReaderLink } from './reader-link.ts';
import { listenForReplicator } from './replication-socket.ts';
import { obstaclesToServing } from './serving.ts';

outliveOutput();

type Start = Extract<SupervisorToCore, { t: 'start' }>;

/** A lock must not wait for answers on their way, but the officer's own answer should leave. */
const LAST_ANSWER_MS = 50;

/** While the core is replaced, others cannot ask for what they lack of this KMA's log. */
const LAST_ENTRIES_MS = 500;
const LOOK_MS = 10;

/** Who waits for the end of the restore asks every other second. */
const RESTORED_MS = 5_000;

/** The keys are wiped by now. */
async function lastWords(members: MemberStandings): Promise<void> {
  await pause(LAST_ANSWER_MS);
  const endMs = performance.now() + LAST_ENTRIES_MS;
  while (members.someoneLags && performance.now() < endMs) await pause(LOOK_MS);
}

let running: RunningCore | null = null;
let servers: readonly Server[] = [];

const tell = (message: CoreToSupervisor) => process.send?.(message);

function serving(core: RunningCore): void {
  const { store, self } = core.core.parts;
  const kma = store.state.get('kma', self.kmaId);
  const { certificatePem, keyPem } = readWebSetting((name) => store.getLocal(name));
  tell({
    t: 'serving',
    privateKeyPem: readTlsKeyPem(core.directory),
    certificatePem: kma?.certificatePem ?? '',
    caPem: store.state.get('certificate_authority', 'root')?.certificatePem ?? '',
    minimumTls: kma?.minimumTls ?? '1.2',
    web: certificatePem === '' ? null : { privateKeyPem: keyPem, certificatePem },
  });
}

async function start(message: Start): Promise<void> {
  const directory = DataDirectory.open(message.dataDirectory);
  // The core that restored it has ended before it could say so.
  if (isRestoredWanted(directory.path)) {
    tell({ t: 'end', why: 'restored' });
    return;
  }
  const reader: ReaderLink = new ReaderLink(message.readerSocketPath, () => opened.core.parts.self);
  const opened: RunningCore = await openCore(directory, reader, {
    locked: () => void lastWords(opened.members).then(() => tell({ t: 'lock' })),
    restored: () => setTimeout(() => tell({ t: 'end', why: 'restored' }), RESTORED_MS),
    ended: (why) => setTimeout(() => tell({ t: 'end', why }), LAST_ANSWER_MS),
    servingChanged: () => {
      serving(opened);
      opened.notices.begin();
    },
    livedElsewhere: () => void lastWords(opened.members).then(() => tell({ t: 'lived-elsewhere' })),
    clustered: () => tell({ t: 'clustered' }),
    platformWanted: () => tell({ t: 'platform-wanted' }),
    stopped: (reason) => {
      // During the start it goes with `ready`.
      if (running !== null) tell({ t: 'error-state', reason });
    },
  });
  running = opened;
  noteServed(opened, message.addresses);
  servers = [
    await listenForReplicator(opened, message.replicatorSocketPath),
    await listenForFronts(opened, {
      path: message.frontSocketPath,
      groupId: message.frontGroupId,
      fronts: message.fronts,
    }),
    await listenForManagers(opened, {
      path: message.managementSocketPath,
      groupId: message.frontGroupId,
    }),
    await listenForAdministrators(opened),
    await listenForPlatform(opened.platform, message.platformSocketPath),
  ];
  serving(opened);
  const { memory, health, store, self } = opened.core.parts;
  if (hasOrHadOthers(store.state, self.kmaId)) tell({ t: 'clustered' });
  opened.platform.link.sendChanged();
  tell({ t: 'ready', locked: !memory.unlocked, errorState: health.report().errorState || null });
  opened.storeWatch.begin().catch((error: unknown) => logFailure(error, 'check of the store'));
}

/** Whoever starts it at other addresses than those of its entry sees it at once, and in the status later. */
function noteServed({ core, systemMessages }: RunningCore, addresses: Start['addresses']): void {
  const { memory, self, store } = core.parts;
  const { management: managementAddress, service: serviceAddress } = addresses;
  memory.served = { managementAddress, serviceAddress };
  const elsewhere = servedElsewhere(self.kmaName, memory.served, store.state.get('kma', self.kmaId));
  if (elsewhere === null) return;
  logEvent('core', elsewhere);
  systemMessages.note('warning', elsewhere);
}

function note({ severity, text, atMs }: Extract<SupervisorToCore, { t: 'note' }>): void {
  if (running === null) return;
  const { systemMessages, core } = running;
  // The supervisor knows the machine's time alone.
  systemMessages.note(severity, text, { process: 'supervisor', atMs: atMs + core.parts.time.offsetMs });
}

/** What cannot be read would not be handed out either. */
function obstacles(): Obstacle[] {
  if (running === null) return [{ reason: 'starting', detail: 'the core is not ready yet' }];
  const { core, pool } = running;
  const { health, memory } = core.parts;
  try {
    return obstaclesToServing({
      ...core.parts,
      unlocked: memory.unlocked,
      errorState: health.report().errorState,
      storeTrouble: health.storeTrouble,
      keysReady: () => pool.keysReady,
    });
  } catch (error) {
    health.noteFailure(error);
    return [{ reason: 'store', detail: 'the store cannot be read' }];
  }
}

async function stop(): Promise<void> {
  for (const server of servers) server.close();
  await running?.close();
  process.exit(0);
}

process.on('message', (raw: unknown) => {
  const message = expectMessage(supervisorToCore, raw);
  if (message.t === 'stop') return void stop();
  if (message.t === 'note') return note(message);
  if (message.t === 'ask-serving') return void tell({ t: 'serving-state', obstacles: obstacles() });
  start(message).catch((given: unknown) => {
    const error = asStoreError(given);
    if (!(error instanceof OpenKmaError)) logFailure(error, 'start');
    const [code, detail] =
      error instanceof OpenKmaError ? [error.code, error.detail] : (['SERVER_ERROR', String(error)] as const);
    tell({ t: 'fatal', code, detail: (detail ?? '').slice(0, 8192) });
  });
});
process.on('disconnect', () => void stop());
