/** One sentence for what is broken and one for what to change, for each cause. It finds no cause. */
import type { Cause } from './step.ts';

export interface Case {
  readonly from: string;
  readonly place: string;
  readonly ports: readonly number[];
  /** Every service there that could show it does. */
  readonly all: boolean;
  /** It is a KMA; else a server of another kind, with one service. */
  readonly kma: boolean;
  /** What was found, as the step says it. */
  readonly detail: string;
  /** What does not work without these services. */
  readonly without: readonly string[];
  /** The clock there against the one here; "" where it is not known. */
  readonly clock: string;
}
export interface Sentences {
  readonly problem: string;
  readonly change: string;
}

export function sentences(cause: Cause, told: Case): Sentences {
  return TEXTS[cause](told);
}

const list = (words: readonly (string | number)[]) =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
const ports = (told: Case) => list(told.ports);
const are = (told: Case) => (told.ports.length === 1 ? 'is' : 'are');
const so = ({ without }: Case) => (without.length === 0 ? '' : `: ${list([...new Set(without)])}`);
const whole = (told: Case) => (told.all ? told.place : `port ${ports(told)} of ${told.place}`);

const TEXTS: Record<Cause, (told: Case) => Sentences> = {
  'name-unknown': ({ place, from, detail }) => ({
    problem: `the name of ${place} has no address at ${from} (${detail})`,
    change: 'correct the name, or enter it into the DNS that is asked here; an IP address needs none',
  }),
  'name-server-silent': ({ place, from, detail }) => ({
    problem: `no DNS server tells ${from} the address of ${place} (${detail})`,
    change: 'see that the DNS servers of this machine answer (UDP and TCP 53), or use an IP address',
  }),
  'no-route': ({ place, from, detail }) => ({
    problem: `${from} has no route to ${place} (${detail})`,
    change: 'add a route or a default gateway here, or correct the address',
  }),
  unreachable: (told) => ({
    problem: `nobody has the address of ${whole(told)}: the host is down, or a router refuses the way there${told.all ? '' : so(told)}`,
    change: told.all
      ? 'start the host, or correct its address; where it runs, let routers and firewalls pass'
      : `let TCP ${ports(told)} pass there: a firewall answers that the host is unreachable`,
  }),
  refused: (told) =>
    !told.kma
      ? {
          problem: `the host of ${told.place} is up, and nobody listens at ${ports(told)}${so(told)}`,
          change: 'start the server, or correct its address or port; a firewall that rejects looks alike',
        }
      : told.all
        ? {
            problem: `the host of ${told.place} is up, and no KMA listens there`,
            change:
              'start the KMA ("kma serve"), or correct the address or the ports; a firewall that rejects looks alike',
          }
        : {
            problem: `${ports(told)} ${are(told)} refused at ${told.place}${so(told)}`,
            change: `see "kma ports" there: the service does not listen at this address, or a firewall rejects TCP ${ports(told)}`,
          },
  silent: (told) =>
    !told.kma
      ? {
          problem: `${ports(told)} of ${told.place} does not answer ${told.from}: it is filtered between them, or the host is down${so(told)}`,
          change: `open TCP ${ports(told)} there, and see that the host runs`,
        }
      : told.all
        ? {
            problem: `nothing answers at ${told.place}: the host is down, or a firewall between it and ${told.from} drops all`,
            change: `start the host or correct its address; where it runs, open TCP ${ports(told)} from ${told.from} to ${told.place}`,
          }
        : {
            problem: `${ports(told)} ${are(told)} filtered between ${told.from} and ${told.place}${so(told)}`,
            change: `open TCP ${ports(told)} there`,
          },
  prohibited: (told) => ({
    problem: `${told.from} may not connect to ${whole(told)} (${told.detail})${so(told)}`,
    change: `let this machine's own firewall pass TCP ${ports(told)} outwards`,
  }),
  cut: (told) => ({
    problem: `connections to ${whole(told)} are made and then cut (${told.detail})${so(told)}`,
    change:
      'look for a firewall or proxy between that ends them; "kma status" there tells whether the KMA turns callers away',
  }),
  'tls-version': (told) => ({
    problem: `${whole(told)} and ${told.from} have no version of TLS in common: ${told.detail}`,
    change:
      'raise the version at the older side; "okm-agent enroll --minimum-tls" is for KMAs that cannot be raised',
  }),
  'tls-none': (told) => ({
    problem: `something else than a KMA listens at ${whole(told)} (${told.detail})`,
    change: 'correct the address or the port; a proxy between looks alike',
  }),
  'tls-silent': (told) => hangs(told),
  'answer-silent': (told) => hangs(told),
  'tls-failed': (told) => ({
    problem: `the TLS handshake with ${whole(told)} fails (${told.detail})`,
    change: 'look for a proxy between that opens TLS; the log of the KMA names the same failure',
  }),
  'wrong-ca': (told) => ({
    problem: `the certificate of ${whole(told)} is not of the cluster that is known at ${told.from}: ${told.detail}`,
    change:
      'this may be an impostor, a proxy that opens TLS, or a KMA of another cluster: correct the address, or compare with "kma root-ca show" there and enrol again',
  }),
  'no-ca': (told) => ({
    problem: `whose root CA ${told.place} has, nobody has compared at ${told.from}`,
    change: 'give --ca-key with the value that "kma root-ca show" prints at the KMA',
  }),
  expired: (told) => ({
    problem: `${told.detail}, at ${whole(told)}${told.clock === '' ? '' : ` (its clock: ${told.clock})`}`,
    change:
      'have the KMA renew its certificate ("kma root-ca show" tells the dates), or set the clock here where that is wrong',
  }),
  'not-yet-valid': (told) => ({
    problem: `${told.detail}, at ${whole(told)}${told.clock === '' ? '' : ` (its clock: ${told.clock})`}`,
    change: 'set the clocks: the one here is behind, or the one that the certificate was made by was ahead',
  }),
  'expires-soon': (told) => ({
    problem: `${told.detail}, at ${whole(told)}`,
    change: 'see that it is renewed before',
  }),
  'other-kma': (told) => ({
    problem: `another KMA answers at the address of ${told.place}: ${told.detail}`,
    change: 'correct the addresses of both ("kma member modify"), or the name in the DNS',
  }),
  'clock-off': (told) => ({
    problem: `the clock of ${told.place} is ${told.clock}, compared with that of ${told.from}`,
    change:
      'compare both with a time server, and set the one that is wrong; a KMA more than five minutes off the others changes nothing',
  }),
  'clock-drifts': (told) => ({
    problem: `the clock of ${told.place} is ${told.clock}, compared with that of ${told.from}`,
    change: 'let both follow the same time servers (NTP)',
  }),
  'udp-silent': (told) => ({
    problem: `nothing answers at UDP ${ports(told)} of ${told.place}: it is filtered between ${told.from} and there, or nobody listens${so(told)}`,
    change: `open UDP ${ports(told)} there, both ways; see that the server runs, and answers ${told.from}`,
  }),
  'no-time-given': (told) => ({
    problem: `${told.place} answers at UDP ${ports(told)} and gives no time (${told.detail})${so(told)}`,
    change: 'let that server be synchronised, and allow this KMA there; or set another NTP server',
  }),
  'answer-odd': (told) => ({
    problem: `${whole(told)} answers what it should not: ${told.detail}${so(told)}`,
    change: 'see what listens there, and its log',
  }),
  'server-error': (told) => ({
    problem: `${whole(told)} cannot serve now, and says no more than "${told.detail}"${so(told)}`,
    change:
      'where it was started or locked just now, wait some seconds; else "kma status" there says why it has stopped itself',
  }),
  locked: (told) => ({
    problem: `${told.place} is locked (${told.detail}): agents get no keys from it`,
    change: 'unlock it with a quorum: "kma unlock" there',
  }),
  busy: (told) => ({
    problem: `${whole(told)} is busy (${told.detail})`,
    change: 'try again shortly; where it stays so, see "kma status" there',
  }),
  'identity-refused': (told) => ({
    problem: `${told.place} does not let ${told.from} in (${told.detail})${so(told)}`,
    change:
      'it may be disabled, or have been given a new passphrase: enrol or log in again, or ask a Security Officer',
  }),
  'no-identity': ({ place, detail }) => ({ problem: `${place}: ${detail}`, change: 'enrol or log in first' }),
  'no-time': ({ place, detail }) => ({
    problem: `there was no time to look at ${place} (${detail})`,
    change: 'mend the others first, or look at this KMA alone with --kma',
  }),
  before: ({ place, detail }) => ({ problem: `${place}: ${detail}`, change: 'see what failed before' }),
};

/** The kernel takes connections for a process that is stopped or stuck. */
function hangs(told: Case): Sentences {
  if (told.all)
    return {
      problem: `${told.place} takes connections and says nothing: the KMA hangs, or is stopped`,
      change: 'see "kma status" there; end the process and start it again',
    };
  return {
    problem: `${ports(told)} of ${told.place} ${told.ports.length === 1 ? 'takes' : 'take'} connections and ${told.ports.length === 1 ? 'says' : 'say'} nothing${so(told)}`,
    change:
      'see "kma status" there: one of its processes hangs; a firewall that passes only the first packets looks alike',
  };
}
