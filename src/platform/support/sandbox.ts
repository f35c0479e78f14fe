/** Where things are inside the private file system that the support sshd runs in; enter-sandbox.sh puts them there. It is paths and nothing else. */

const ROOT = '/run/openkma-support';

export const SANDBOX = {
  configuration: `${ROOT}/etc/sshd_config`,
  hostKeys: [`${ROOT}/etc/host-key-ed25519`, `${ROOT}/etc/host-key-rsa`],
  authorizedKeys: `${ROOT}/etc/authorized_keys`,
  banner: `${ROOT}/etc/banner`,
  /** Root's own, and empty. */
  home: `${ROOT}/home`,
  /** Where the support shell asks. */
  socket: `${ROOT}/socket/ask.sock`,
  node: `${ROOT}/node`,
  supportProgram: `${ROOT}/support-shell.mts`,
  /** The processes of the machine, to enter its own file system by one of them while Primary Administrator is enabled. */
  machine: `${ROOT}/machine`,
  /** What the account gets instead of a shell. */
  supportShell: `${ROOT}/support-shell`,
  /** What it gets while Primary Administrator is enabled. */
  rootShell: `${ROOT}/root-shell`,
} as const;
