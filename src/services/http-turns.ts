/** Requests of one connection take turns, and a connection's last answer is known as such. It reads no request and writes no answer. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** Requests that have no answer yet, by connection: a caller may send several without waiting. */
const unanswered = new WeakMap<Duplex, Set<IncomingMessage>>();

/** Callers wait for each answer; who has this many requests waiting means harm. */
const UNANSWERED_MAX = 32;

/** False where there are too many. */
export function noteUnanswered(request: IncomingMessage, response: ServerResponse): boolean {
  const requests = unanswered.get(request.socket) ?? new Set();
  unanswered.set(request.socket, requests.add(request));
  response.once('close', () => requests.delete(request));
  return requests.size <= UNANSWERED_MAX;
}

/** Whether a whole request waits for its answer; one that is still arriving is its caller's affair, and protects no connection. */
export function hasWaiting(socket: Duplex): boolean {
  return [...(unanswered.get(socket) ?? [])].some(({ complete }) => complete);
}

/** The end of the work for a connection's last request. */
const lastTurns = new WeakMap<Duplex, Promise<void>>();

/** One request of a connection at a time: a caller who sends many without waiting makes his own wait, not those of others. */
export function inTurn(socket: Duplex, work: () => Promise<void>): Promise<void> {
  const turn = (lastTurns.get(socket) ?? Promise.resolve()).then(work);
  lastTurns.set(
    socket,
    turn.catch(() => undefined),
  );
  return turn;
}

/** Connections whose last answer is on the way. */
const ending = new WeakSet<Duplex>();

export function closeAfter(request: IncomingMessage, response: ServerResponse): void {
  ending.add(request.socket);
  response.setHeader('Connection', 'close');
  response.once('finish', () => request.socket.destroySoon());
}

export function isEnding(socket: Duplex): boolean {
  return ending.has(socket);
}
