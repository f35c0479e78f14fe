/** Somebody logged in at the console: each call proves his passphrase anew, as each command of `kma` does, and counts where it is wrong. It keeps the passphrase as bytes until it ends, and judges no right. */
import { z } from 'zod';
import { isRefusal, type Refusal, refuse } from '../../core/refusal.ts';
import { SESSION_MS } from '../../core/user-session.ts';
import { OpenKmaError } from '../../errors.ts';
import { ROLES, type Role } from '../../operations/operation.ts';
import type { SecretBytes } from '../../security/secret-bytes.ts';
import { type AdminRequest, askKma } from '../admin-client.ts';

const MINUTE_MS = 60_000;

/** Of the answer of ShowSession. */
const shownSession = z.looseObject({
  user: z.string(),
  roles: z.array(z.enum(ROLES)),
  inactivityMinutes: z.number(),
});
type Shown = z.infer<typeof shownSession>;

export type Answer = { readonly output: unknown } | Refusal;

/** Also where no KMA runs it is a refusal. */
export async function asked(dataDirectory: string, request: AdminRequest): Promise<Answer> {
  try {
    return await askKma(dataDirectory, request);
  } catch (error) {
    if (error instanceof OpenKmaError) return refuse(error.code, error.detail);
    throw error;
  }
}

export class ConsoleSession {
  readonly #dataDirectory: string;
  readonly #passphrase: SecretBytes;
  readonly #name: string;
  #shown: Shown;

  private constructor(dataDirectory: string, name: string, passphrase: SecretBytes, shown: Shown) {
    this.#dataDirectory = dataDirectory;
    this.#name = name;
    this.#passphrase = passphrase;
    this.#shown = shown;
  }

  /** Takes the passphrase over: it is wiped here, or by `end`. */
  static async logIn(
    dataDirectory: string,
    name: string,
    passphrase: SecretBytes,
  ): Promise<ConsoleSession | Refusal> {
    const shown = await whoIs(dataDirectory, name, passphrase);
    if (!isRefusal(shown)) return new ConsoleSession(dataDirectory, name, passphrase, shown);
    passphrase.wipe();
    return shown;
  }

  /** As the KMA has the name. */
  get user(): string {
    return this.#shown.user;
  }
  get roles(): readonly Role[] {
    return this.#shown.roles;
  }
  /** How long it lasts without a key, which is the same as for log-ins over the network. */
  get idleMs(): number {
    const { inactivityMinutes } = this.#shown;
    return inactivityMinutes === 0 ? SESSION_MS : inactivityMinutes * MINUTE_MS;
  }

  ask(operation: string, input: object, quorum: AdminRequest['quorum'] = []): Promise<Answer> {
    const user = { name: this.#name, passphrase: textOf(this.#passphrase) };
    return asked(this.#dataDirectory, { operation, input, user, quorum });
  }

  /** Asks for the roles again, which may have changed. */
  async lookAgain(): Promise<Refusal | null> {
    const shown = await whoIs(this.#dataDirectory, this.#name, this.#passphrase);
    if (isRefusal(shown)) return shown;
    this.#shown = shown;
    return null;
  }

  end(): void {
    this.#passphrase.wipe();
  }
}

async function whoIs(dataDirectory: string, name: string, passphrase: SecretBytes): Promise<Shown | Refusal> {
  const user = { name, passphrase: textOf(passphrase) };
  const answer = await asked(dataDirectory, { operation: 'ShowSession', input: {}, user });
  return isRefusal(answer) ? answer : shownSession.parse(answer.output);
}

/** For the message to the KMA alone: text cannot be wiped. */
export function textOf(secret: SecretBytes): string {
  return secret.reveal().toString('utf8');
}
