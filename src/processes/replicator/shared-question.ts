/** One question at a time for all who ask: who comes while one is under way shares the next, since the answer to that one may be older than what he wants. It knows nothing of what is asked. */

export class SharedQuestion<T> {
  readonly #question: () => Promise<T>;
  #running: Promise<unknown> = Promise.resolve();
  #next: Promise<T> | null = null;

  constructor(question: () => Promise<T>) {
    this.#question = question;
  }

  /** The answer to a question that was put after this call. */
  ask(): Promise<T> {
    this.#next ??= this.#running.then(() => {
      this.#next = null;
      const answer = this.#question();
      this.#running = answer.catch(() => undefined);
      return answer;
    });
    return this.#next;
  }
}
