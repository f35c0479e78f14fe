/** What the core said that fronts need, for each kind of front what it may have: the key of the web Manager's port goes to the front for people alone. It keeps the last that was said. */
import type { PeopleTls, TlsMaterial } from './messages.ts';

export class ToldTls {
  #people: PeopleTls | null = null;

  said(tls: PeopleTls): void {
    this.#people = tls;
  }

  get forPeople(): PeopleTls {
    if (this.#people === null) throw new Error('the core is ready and has not said what fronts need');
    return this.#people;
  }

  get forAgents(): TlsMaterial {
    const { web: _, ...tls } = this.forPeople;
    return tls;
  }
}
