/** What was acknowledged while everything went wrong, and so has to be there in the end; what was refused or never answered is only counted. It asks nobody. */

export interface GivenKey {
  readonly keyId: string;
  readonly keyHex: string;
  readonly agent: string;
  readonly dataUnitId: string;
}

/** Kinds of things that have names. */
export const KINDS = ['site', 'key group', 'user', 'agent'] as const;
export type Kind = (typeof KINDS)[number];

export class Ledger {
  readonly keys = new Map<string, GivenKey>();
  /** Handed out as new more than once. */
  readonly givenTwice: string[] = [];
  readonly dataUnits: { readonly dataUnitId: string; readonly externalTag: string }[] = [];
  readonly named: { readonly kind: Kind; readonly name: string }[] = [];
  readonly compromised = new Set<string>();
  readonly destroyed = new Set<string>();
  /** Keys that somebody asked to be destroyed and was not answered: they may be there or not. */
  readonly perhapsDestroyed = new Set<string>();
  /** Of a site: the last description that was acknowledged, and those that were tried since. */
  readonly descriptions = new Map<string, { acknowledged: string; readonly since: Set<string> }>();
  readonly done = new Map<string, number>();
  readonly refused = new Map<string, number>();
  /** What an agent was told that cannot be. */
  readonly contradictions: string[] = [];

  get acknowledged(): number {
    return sum(this.done);
  }

  count(operation: string): void {
    this.done.set(operation, (this.done.get(operation) ?? 0) + 1);
  }
  refuse(operation: string, why: string): void {
    const reason = `${operation}: ${why}`;
    this.refused.set(reason, (this.refused.get(reason) ?? 0) + 1);
  }

  giveKey(key: GivenKey): void {
    if (this.keys.has(key.keyId)) this.givenTwice.push(key.keyId);
    this.keys.set(key.keyId, key);
  }

  tryDescription(site: string, description: string): void {
    const known = this.descriptions.get(site);
    if (known === undefined) this.descriptions.set(site, { acknowledged: '', since: new Set([description]) });
    else known.since.add(description);
  }
  acknowledgeDescription(site: string, description: string): void {
    this.descriptions.set(site, { acknowledged: description, since: new Set() });
  }
}

export function sum(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((total, count) => total + count, 0);
}
