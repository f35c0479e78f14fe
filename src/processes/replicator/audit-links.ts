/** The audit between this KMA and each connected member: a channel for each that knows of it, and what is fetched over them, between core and members. It keeps no record and judges none. */
import { type ChainName, chainId } from '../../core/audit.ts';
import { AuditChannel } from '../../replication/audit-channel.ts';
import { AuditFetcher, type AuditPeer } from '../../replication/audit-fetcher.ts';
import { AUDIT_SINCE, type HeldChain } from '../../replication/audit-messages.ts';
import type { ConnectedPeer } from '../../replication/peers.ts';
import type { Roster } from '../../replication/roster.ts';
import type { SecureStream } from '../../replication/secure-stream.ts';
import type { CoreLink } from './core-link.ts';
import { RestedTurns } from './rested-turns.ts';

export interface AuditLinksParts {
  readonly core: Pick<CoreLink, 'ask'>;
  readonly ownIncarnationId: string;
  readonly fault: (peer: ConnectedPeer, reason: string) => void;
}

interface Link extends AuditPeer {
  readonly peer: ConnectedPeer;
  readonly channel: AuditChannel;
}

export class AuditLinks {
  readonly #parts: AuditLinksParts;
  readonly #fetcher: AuditFetcher;
  readonly #reads = new RestedTurns();
  readonly #takes = new RestedTurns();
  readonly #held = new Map<string, HeldChain>();
  /** By life. */
  readonly #links = new Map<string, Link>();

  constructor(parts: AuditLinksParts) {
    this.#parts = parts;
    this.#fetcher = new AuditFetcher({
      peers: () => [...this.#links.values()],
      take: ({ incarnationId, term }, records, { kmaId: from }) =>
        this.#takes.run(() => parts.core.ask({ t: 'audit-records', incarnationId, term, records, from })),
      nowMs: () => performance.now(),
    });
  }

  /** In the turn in which both sides have welcomed each other. A member of before hears nothing of it. */
  attach(stream: SecureStream, peer: ConnectedPeer): void {
    if (peer.replicationVersion < AUDIT_SINCE) return;
    const channel = new AuditChannel(stream, {
      find: (name, afterSeq) => this.#find(name, afterSeq),
      onClose: (broken) => {
        if (broken !== null) this.#parts.fault(peer, broken);
      },
    });
    this.#links.set(peer.incarnationId, {
      peer,
      channel,
      kmaId: peer.kmaId,
      incarnationId: peer.incarnationId,
      chains: () => channel.chains(),
      ask: (name, afterSeq) => channel.ask(name, afterSeq),
    });
    channel.tell([...this.#held.values()]);
  }

  gone(peer: ConnectedPeer): void {
    if (this.#links.get(peer.incarnationId)?.peer !== peer) return;
    this.#links.delete(peer.incarnationId);
    this.#fetcher.gone(peer);
  }

  setRoster(roster: Roster, logs: readonly { readonly incarnationId: string }[]): void {
    const kmaOf = new Map<string, string | null>(logs.map(({ incarnationId }) => [incarnationId, null]));
    for (const { kmaId, incarnations } of roster.all())
      for (const { incarnationId } of incarnations) kmaOf.set(incarnationId, kmaId);
    this.#fetcher.setRoster({ ownIncarnationId: this.#parts.ownIncarnationId, kmaOf });
  }

  /** Of the core: so far these chains are here now. */
  held(chains: readonly HeldChain[]): void {
    for (const chain of chains) this.#held.set(chainId(chain), chain);
    for (const { channel } of this.#links.values()) channel.tell(chains);
    this.#fetcher.held(chains);
  }

  look(): void {
    this.#fetcher.look();
  }

  close(): void {
    this.#fetcher.close();
  }

  async #find({ incarnationId, term }: ChainName, afterSeq: number) {
    const { core } = this.#parts;
    const read = await this.#reads.run(() => core.ask({ t: 'read-audit', incarnationId, term, afterSeq }));
    return read?.found ?? null;
  }
}
