/** The configuration of the support sshd as text: one account, modern algorithms, no forwarding, no files, no environment. It writes nothing. */
import { isIPv6 } from 'node:net';
import { SUPPORT_ACCOUNT, type SupportSetting } from '../../platform-settings/support.ts';
import type { SupportLimits } from './limits.ts';
import { SANDBOX } from './sandbox.ts';

export interface ListenAt {
  readonly address: string;
  readonly port: number;
}

/** One wrong password and three more. */
const ATTEMPTS = 4;
/** Of who has not logged in yet. Many sources may be there at a time, and none of them keeps the others out. */
const CONNECTIONS = { withoutLogIn: 30, ofOneSource: 4 };

const ALGORITHMS = {
  KexAlgorithms: 'sntrup761x25519-sha512@openssh.com,curve25519-sha256,curve25519-sha256@libssh.org',
  Ciphers: 'chacha20-poly1305@openssh.com,aes256-gcm@openssh.com,aes128-gcm@openssh.com',
  MACs: 'hmac-sha2-512-etm@openssh.com,hmac-sha2-256-etm@openssh.com',
  HostKeyAlgorithms: 'ssh-ed25519,rsa-sha2-512,rsa-sha2-256',
  PubkeyAcceptedAlgorithms:
    'ssh-ed25519,sk-ssh-ed25519@openssh.com,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,rsa-sha2-512,rsa-sha2-256',
  RequiredRSASize: '3072',
} as const;

/** Neither a way through this machine nor a way to its files. */
const CLOSED = {
  DisableForwarding: 'yes',
  AllowTcpForwarding: 'no',
  AllowStreamLocalForwarding: 'no',
  AllowAgentForwarding: 'no',
  X11Forwarding: 'no',
  GatewayPorts: 'no',
  PermitTunnel: 'no',
  PermitUserRC: 'no',
  PermitUserEnvironment: 'no',
  ExposeAuthInfo: 'no',
} as const;

export function sshdConfigText(setting: SupportSetting, listen: ListenAt, limits: SupportLimits): string {
  const { address, port } = listen;
  const { passwordHash, authorizedKeys, primaryAdministrator } = setting;
  const yes = (is: boolean) => (is ? 'yes' : 'no');
  const lines = Object.entries({
    ListenAddress: `${isIPv6(address) ? `[${address}]` : address}:${port}`,
    AddressFamily: isIPv6(address) ? 'inet6' : 'inet',
    PidFile: 'none',
    LogLevel: 'VERBOSE',
    UseDNS: 'no',
    UsePAM: 'no',
    AllowUsers: SUPPORT_ACCOUNT,
    // The one account is root's then; no other has a password.
    PermitRootLogin: yes(primaryAdministrator),
    PasswordAuthentication: yes(passwordHash !== null),
    PubkeyAuthentication: yes(authorizedKeys.length > 0),
    KbdInteractiveAuthentication: 'no',
    HostbasedAuthentication: 'no',
    GSSAPIAuthentication: 'no',
    PermitEmptyPasswords: 'no',
    AuthorizedKeysFile: SANDBOX.authorizedKeys,
    StrictModes: 'yes',
    MaxAuthTries: ATTEMPTS,
    LoginGraceTime: limits.logInSeconds,
    MaxSessions: 1,
    MaxStartups: `${CONNECTIONS.withoutLogIn}:100:${CONNECTIONS.withoutLogIn}`,
    PerSourceMaxStartups: CONNECTIONS.ofOneSource,
    ChannelTimeout: `*=${limits.idleSeconds}`,
    UnusedConnectionTimeout: limits.idleSeconds,
    ClientAliveInterval: 60,
    ClientAliveCountMax: 3,
    Banner: SANDBOX.banner,
    PrintMotd: 'no',
    PrintLastLog: 'no',
    ...CLOSED,
    ForceCommand: primaryAdministrator ? SANDBOX.rootShell : SANDBOX.supportShell,
    ...ALGORITHMS,
  }).map(([name, value]) => `${name} ${value}`);
  return [...SANDBOX.hostKeys.map((path) => `HostKey ${path}`), ...lines, ''].join('\n');
}
