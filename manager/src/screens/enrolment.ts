/** The command with which the person at the drive enrols an agent, as it can be typed there. It names no passphrase. */

/** Of the services that an agent needs, by the names of the table of ports: option and standard port. */
const PORTS = {
  ca: ['--ca-port', 3331],
  certificate: ['--certificate-port', 3332],
  agent: ['--agent-port', 3334],
  discovery: ['--discovery-port', 3335],
} as const;

/** A shell takes it as one command, and no option is cut in two on paper. */
const NEXT_LINE = ' \\\n  ';

export interface Enrolment {
  readonly agent: string;
  readonly address: string;
  readonly caKeySha256: string;
  /** Of this KMA, as they are. */
  readonly ports: readonly { readonly name: string; readonly port: number }[];
}

export function enrolCommand({ agent, address, caKeySha256, ports }: Enrolment): string {
  const host = address.includes(':') ? `[${address}]` : address;
  return [
    `okm-agent enroll --kma ${shellWord(host)} --agent ${shellWord(agent)}`,
    ...portOptions(ports),
    `--ca-key ${caKeySha256}`,
  ].join(NEXT_LINE);
}

/** None where the ports are the standard ones, one where all are moved alike. */
function portOptions(ports: Enrolment['ports']): string[] {
  const moved = Object.entries(PORTS).flatMap(([service, [option, standard]]) => {
    const found = ports.find(({ name }) => name === service);
    return found === undefined ? [] : [{ option, port: found.port, by: found.port - standard }];
  });
  const [by = 0, ...others] = new Set(moved.map((one) => one.by));
  if (others.length > 0) return moved.map(({ option, port }) => `${option} ${port}`);
  return by === 0 ? [] : [`--port-offset ${by}`];
}

export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
