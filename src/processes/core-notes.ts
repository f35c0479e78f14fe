/** What the supervisor has to say for the system messages: told to the core, or kept until there is one again. It writes nothing. */
import type { SupervisorToCore } from './messages.ts';

type Note = Extract<SupervisorToCore, { t: 'note' }>;

/** A core that never comes leaves nobody to tell; the supervisor has printed all of it. */
const WAITING_MAX = 200;

export class CoreNotes {
  readonly #send: (note: Note) => void;
  #waiting: Note[] = [];
  #ready = false;

  constructor(send: (note: Note) => void) {
    this.#send = send;
  }

  note(severity: Note['severity'], text: string): void {
    const note: Note = { t: 'note', severity, text, atMs: Date.now() };
    if (this.#ready) this.#send(note);
    else if (this.#waiting.length < WAITING_MAX) this.#waiting.push(note);
  }

  coreIsReady(): void {
    this.#ready = true;
    for (const note of this.#waiting) this.#send(note);
    this.#waiting = [];
  }

  /** Before its end is reported, so that its successor is told of it. */
  coreIsGone(): void {
    this.#ready = false;
  }
}
