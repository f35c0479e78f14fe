/** Types of the replication engine's packages, which come without: of what is used here, and nothing more. */
declare module 'hypercore' {
  export interface DownloadRange {
    /** Rejects where it was destroyed before. */
    done(): Promise<void>;
    destroy(): void;
  }
  export interface Manifest {
    readonly signers: readonly { readonly publicKey: Uint8Array }[];
  }
  export interface HypercoreSession {
    readonly length: number;
    readonly writable: boolean;
    /** Behind the public interface; the version is pinned. */
    readonly core: { readonly replicator: { onupgrade(): void } };
    ready(): Promise<void>;
    /** Above `maxLength`, which is looked at when it is this write's turn, nothing is appended. */
    append(
      blocks: readonly Uint8Array[],
      options?: { readonly maxLength: number; readonly postappend: () => void },
    ): Promise<{ readonly length: number }>;
    get(index: number, options?: { readonly wait?: boolean }): Promise<Buffer | null>;
    has(index: number): Promise<boolean>;
    download(range: {
      readonly start: number;
      readonly end: number;
      readonly linear: boolean;
    }): DownloadRange;
    close(): Promise<void>;
    on(event: 'append' | 'close' | 'conflict', listener: () => void): void;
    on(event: 'verification-error', listener: (error: Error) => void): void;
  }
  const Hypercore: { readonly key: (manifest: Manifest) => Buffer };
  export default Hypercore;
}

declare module 'corestore' {
  import type NoiseSecretStream from '@hyperswarm/secret-stream';
  import type { HypercoreSession, Manifest } from 'hypercore';

  export interface KeyPair {
    readonly publicKey: Uint8Array;
    readonly secretKey: Uint8Array;
  }
  export default class Corestore {
    constructor(directory: string, options: { readonly allowBackup: boolean });
    ready(): Promise<void>;
    get(
      options: { readonly key: Uint8Array } | { readonly keyPair: KeyPair; readonly manifest: Manifest },
    ): HypercoreSession;
    replicate(stream: NoiseSecretStream): void;
    close(): Promise<void>;
  }
}

declare module '@hyperswarm/secret-stream' {
  import { Duplex } from 'node:stream';
  import type { KeyPair } from 'corestore';

  export default class NoiseSecretStream extends Duplex {
    constructor(initiator: boolean, raw: Duplex, options: { readonly keyPair: KeyPair });
    /** Null until it has connected. */
    readonly remotePublicKey: Buffer | null;
    /** Resolves when what was written so far has left, or with false when the stream is gone. */
    flush(): Promise<boolean>;
  }
}

declare module 'protomux' {
  import type NoiseSecretStream from '@hyperswarm/secret-stream';

  export interface EncodingState {
    start: number;
    end: number;
    buffer: Uint8Array;
  }
  export interface Encoding<T> {
    preencode(state: EncodingState, value: T): void;
    encode(state: EncodingState, value: T): void;
    decode(state: EncodingState): T;
  }
  export interface Message<T> {
    /** False where the stream wants to be drained first. */
    send(value: T): boolean;
  }
  export interface Channel {
    readonly drained: boolean;
    addMessage<T>(options: {
      readonly encoding: Encoding<T>;
      readonly onmessage: (value: T) => void;
    }): Message<T>;
    open(): void;
    close(): void;
  }
  export default class Protomux {
    static from(stream: NoiseSecretStream): Protomux;
    /** False where the stream wants to be drained first. */
    readonly drained: boolean;
    /** Null where the other side has closed it already. */
    createChannel(options: {
      readonly protocol: string;
      readonly onopen: () => void;
      readonly onclose: () => void;
      readonly ondrain?: () => void;
    }): Channel | null;
  }
}
