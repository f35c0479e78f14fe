/** All steps at one port, each resting on the one before: TCP, TLS, certificate, identity, answer. It is bounded in time, and changes nothing there. */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { commonName, judgeCertificate, judgeName, type Trust } from './certificate-step.ts';
import { askOver } from './http-question.ts';
import type { Place, Probe, Service, Standpoint } from './place.ts';
import type { Heard, Question } from './soap-question.ts';
import { type Finding, failed, type Step, skipped, step } from './step.ts';
import { tcpStep } from './tcp-step.ts';
import { isAboutCertificate, tlsStep } from './tls-step.ts';

/** Three SYN packets have left by then. */
export const TCP_TIMEOUT_MS = 4_000;
const TLS_TIMEOUT_MS = 5_000;
const ANSWER_TIMEOUT_MS = 6_000;
const UDP_TIMEOUT_MS = 4_000;
/** How long a port that wants a certificate may take to say so. */
const ALERT_TIMEOUT_MS = 1_000;

export interface Examined {
  readonly steps: readonly Step[];
  /** Who the certificate said it is; null without one. */
  readonly shownName: string | null;
  /** Null where there was no answer that could be understood. */
  readonly heard: Heard | null;
}

/** `address` is literal. */
export async function examineService(
  address: string,
  service: Service,
  { name, stranger = false }: Pick<Place, 'name' | 'stranger'>,
  standpoint: Standpoint,
  trust: Trust,
): Promise<Examined> {
  const steps: Step[] = [];
  if (service.probe !== undefined) return probed(service.probe, address, service.port);
  const { step: tcp, socket } = await tcpStep(address, service.port, TCP_TIMEOUT_MS);
  steps.push(tcp);
  if (socket === null) return { steps, shownName: null, heard: null };
  try {
    if (service.transport === 'http' || service.transport === 'tcp') {
      const { step: answer, heard } = await asked(socket, service.question, true);
      return { steps: [...steps, ...answer], shownName: null, heard };
    }
    const identity = stranger ? null : standpoint.identity;
    const shaken = await tlsStep(socket, { ...standpoint, identity }, TLS_TIMEOUT_MS);
    steps.push(shaken.step);
    const { certificate } = shaken;
    const shownName = certificate === null ? null : commonName(certificate);
    if (certificate !== null) {
      const startedMs = performance.now();
      steps.push(step('certificate', startedMs, judgeCertificate(certificate, trust, standpoint.nowMs())));
      steps.push(step('identity', startedMs, judgeName(commonName(certificate), name)));
    }
    if (shaken.socket === null) return { steps, shownName, heard: null };
    // An impostor is asked nothing: what it would name would be looked at next.
    if (steps.some(({ cause }) => cause === 'wrong-ca')) return { steps, shownName, heard: null };
    const shows = identity !== null;
    const mute = service.transport === 'mutual' && !shows;
    const { step: answer, heard } = mute
      ? { step: [await alertOf(shaken.socket)], heard: null }
      : await asked(shaken.socket, service.question, shows);
    return { steps: [...steps, ...answer], shownName, heard };
  } finally {
    socket.destroy();
  }
}

async function probed(probe: Probe, address: string, port: number): Promise<Examined> {
  const startedMs = performance.now();
  const finding = await probe(address, port, UDP_TIMEOUT_MS);
  return { steps: [step('answer', startedMs, finding)], shownName: null, heard: null };
}

interface Asked {
  readonly step: readonly Step[];
  readonly heard: Heard | null;
}

/** `shows`: who asks has shown a certificate. */
async function asked(socket: Socket, question: Question | null, shows: boolean): Promise<Asked> {
  if (question === null) return { step: [], heard: null };
  const startedMs = performance.now();
  const ended = (finding: Finding): Asked => ({ step: [step('answer', startedMs, finding)], heard: null });
  try {
    const reply = await askOver(socket, question, ANSWER_TIMEOUT_MS);
    if (reply === null)
      return ended(failed('answer-silent', `connected, and no answer within ${ANSWER_TIMEOUT_MS / 1000} s`));
    const heard = question.judge(reply);
    return { step: [step('answer', startedMs, heard.finding)], heard };
  } catch (error) {
    const { message, code = message } = error as NodeJS.ErrnoException;
    if (!isAboutCertificate(error))
      return ended(failed('cut', `the connection ended before an answer (${code})`));
    if (!shows) return ended(NO_IDENTITY);
    return ended(failed('identity-refused', `it does not take the certificate from here (${code})`));
  }
}

const NO_IDENTITY = skipped('no-identity', 'it asks for a certificate, and there is none here');

/** In TLS 1.3 the other side says only after the handshake that it wants a certificate. */
async function alertOf(socket: TLSSocket): Promise<Step> {
  const startedMs = performance.now();
  // What it says, or that it says nothing, comes to the same: there is nothing to ask with.
  await once(socket.resume(), 'close', { signal: AbortSignal.timeout(ALERT_TIMEOUT_MS) }).catch(
    () => undefined,
  );
  return step('answer', startedMs, NO_IDENTITY);
}
