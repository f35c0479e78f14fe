/** From the options of a command to a KMA that can be asked: which profile, whose session. A log-in for one command ends with it. */
import { sessionKeyOf } from '../../client/client-certificate.ts';
import type { TlsIdentity } from '../../client/https-connection.ts';
import { logIn, type Place, type Session } from '../../client/log-in.ts';
import { Manager } from '../../client/manager.ts';
import { type Profile, Profiles } from '../../client/profile.ts';
import { pinnedCa, readIdentity, type SavedCertificate } from '../../client/saved-certificate.ts';
import { OpenKmaError } from '../../errors.ts';
import type { Named } from '../dialect.ts';
import { readUser } from '../operation-command.ts';
import { say } from '../output.ts';
import { promptPassphrase, readPassphraseFile } from '../passphrases.ts';
import { knownCaKey } from './ca-key.ts';
import type { Globals } from './globals.ts';
import { operationNamed } from './operation-named.ts';

const BUSY_WAIT_MS = 2_000;

export class Connection {
  readonly #globals: Globals;
  readonly #profiles: Profiles;

  constructor(globals: Globals, profiles = new Profiles()) {
    this.#globals = globals;
    this.#profiles = profiles;
  }

  /** The user of `--user` with his passphrase; null where an open session serves. Asked before everything else that is secret. */
  async user(): Promise<Named | null> {
    const { user } = this.#globals;
    if (user === undefined) return null;
    return (await this.#openSession())?.user === user.normalize('NFC')
      ? null
      : readUser({ ...this.#globals });
  }

  /** Gives `work` a KMA to ask in the name of `user`, or of who is logged in. */
  async use<T>(user: Named | null, work: (manager: Manager) => Promise<T>): Promise<T> {
    if (user === null) {
      const certificate = await this.#savedCertificate();
      return certificate === null ? this.#useOpenSession(work) : this.#with(certificate, work);
    }
    // One that did not is not waited for once more.
    let answers = true;
    return this.#with(await this.logIn(user), async (manager) => {
      try {
        return await work(manager);
      } catch (error) {
        answers = !(error instanceof OpenKmaError && error.code === 'KMA_UNREACHABLE');
        throw error;
      } finally {
        // The session ends by itself where this cannot be said.
        if (answers) await manager.call(operationNamed('LogOut'), {}).catch(() => undefined);
      }
    });
  }

  /** Ends the log-in of the profile, at the KMA that is meant, and forgets it here whatever becomes of it there. */
  async logOut(): Promise<void> {
    const session = await this.#openSession();
    if (session === null) throw new OpenKmaError('NOT_LOGGED_IN');
    try {
      await this.#with(session, (manager) => manager.call(operationNamed('LogOut'), {}));
    } catch (error) {
      // A session that the KMA has ended already is what was asked for.
      if (!(error instanceof OpenKmaError && error.code === 'SESSION_UNKNOWN')) throw error;
    } finally {
      await this.#profiles.forgetSession((await this.profile()).name);
    }
  }

  async logIn({ name, passphrase }: Named): Promise<Session> {
    const place = await this.place();
    this.#tell(`logging ${name} in at ${place.address}`);
    return logIn({ place, user: name, passphrase, timeoutMs: this.timeoutMs });
  }

  get timeoutMs(): number {
    return this.#globals.timeout * 1000;
  }

  /** Where to ask, and which root CA has to be found there. */
  async place(): Promise<Place> {
    const { kma, portOffset, cacert, caKey } = this.#globals;
    const known = knownCaKey(cacert, caKey);
    if (known === null) {
      const profile = await this.profile();
      return {
        address: kma ?? profile.address,
        portOffset: portOffset ?? profile.portOffset,
        caKeySha256: profile.caKeySha256,
      };
    }
    if (kma === undefined) throw new OpenKmaError('USAGE', '--cacert and --ca-key need --kma');
    return { address: kma, portOffset: portOffset ?? 0, caKeySha256: known };
  }

  async profile(): Promise<Profile> {
    const given = this.#globals.profile ?? process.env['OKM_PROFILE'];
    if (given !== undefined && given !== '') return this.#profiles.load(given);
    const [only, ...others] = await this.#profiles.names();
    const { kma, usercert } = this.#globals;
    // A certificate does not say which root CA the KMA must have.
    const asked = kma ?? (usercert === undefined ? undefined : `the KMA of ${usercert}`);
    const trust =
      asked === undefined
        ? ''
        : `, or ${kma === undefined ? '--kma ADDRESS with ' : ''}--cacert FILE or --ca-key HASH, to know ${asked} by`;
    if (only === undefined)
      throw new OpenKmaError('PROFILE_DOES_NOT_EXIST', `no profile has been made yet${trust}`);
    if (others.length > 0)
      throw new OpenKmaError('USAGE', `which one of ${[only, ...others].join(', ')}: give --profile${trust}`);
    return this.#profiles.load(only);
  }

  async #useOpenSession<T>(work: (manager: Manager) => Promise<T>): Promise<T> {
    const session = await this.#openSession();
    if (session === null) throw new OpenKmaError('NOT_LOGGED_IN');
    try {
      return await this.#with(session, work);
    } catch (error) {
      if (!(error instanceof OpenKmaError && error.code === 'SEALING_KEY_UNKNOWN')) throw error;
      return this.#with(await this.#renewed(session), work);
    }
  }

  /** A KMA that was started or locked meanwhile has forgotten what credentials were sealed to: its user proves himself once more. */
  async #renewed(session: Session): Promise<Session> {
    const { user, place } = session;
    const named = await readUser({ ...this.#globals, user });
    if (named === null) throw new TypeError('the session has a user');
    const { passphrase } = named;
    const renewed = await logIn({
      place,
      user,
      passphrase,
      timeoutMs: this.timeoutMs,
      key: sessionKeyOf(session),
    });
    await this.#profiles.saveSession((await this.profile()).name, renewed);
    return renewed;
  }

  /** With what `use` would ask where no user is named; found without asking a KMA. */
  async identity(): Promise<TlsIdentity | null> {
    const saved = await this.#savedIdentity();
    if (saved !== null) return saved;
    const session = await this.#openSession();
    return session === null ? null : { cert: session.certificatePem, key: session.privateKeyPem };
  }

  async #savedCertificate(): Promise<SavedCertificate | null> {
    const identity = await this.#savedIdentity();
    if (identity === null) return null;
    const place = await this.place();
    return { place, caPem: await pinnedCa(place, this.timeoutMs), identity };
  }

  /** That of the command, or else of the profile where nobody is logged in. */
  async #savedIdentity(): Promise<TlsIdentity | null> {
    const { usercert, usercertPassphraseFile } = this.#globals;
    const path = usercert ?? ((await this.#openSession()) === null ? await this.#profileCertificate() : null);
    if (path === null) return null;
    return readIdentity(path, () =>
      usercertPassphraseFile === undefined
        ? promptPassphrase(`passphrase of ${path}`, '--usercert-passphrase-file')
        : Promise.resolve(readPassphraseFile(usercertPassphraseFile)),
    );
  }

  /** Whether it is a log-in that asks, which ends after some hours. */
  async isLogIn(user: Named | null): Promise<boolean> {
    return user === null && this.#globals.usercert === undefined && (await this.#openSession()) !== null;
  }

  async #profileCertificate(): Promise<string | null> {
    if (this.#withoutProfile) return null;
    return (await this.profile()).usercert ?? null;
  }

  get #withoutProfile(): boolean {
    return this.#globals.cacert !== undefined || this.#globals.caKey !== undefined;
  }

  /** Of the profile, at the KMA that is meant; without a profile there is none. */
  async #openSession(): Promise<Session | null> {
    const { kma, portOffset } = this.#globals;
    if (this.#withoutProfile) return null;
    const { name } = await this.profile();
    const session = await this.#profiles.session(name, Date.now());
    if (session === null) return null;
    const { place } = session;
    const meant =
      (kma ?? place.address) === place.address && (portOffset ?? place.portOffset) === place.portOffset;
    return meant ? session : null;
  }

  async #with<T>(caller: Session | SavedCertificate, work: (manager: Manager) => Promise<T>): Promise<T> {
    const manager = new Manager(caller, {
      timeoutMs: this.timeoutMs,
      retries: this.#globals.retries,
      waitMs: BUSY_WAIT_MS,
      onWait: (reason, waitMs) => this.#tell(`${reason.message}; again in ${waitMs / 1000} s`),
    });
    try {
      return await work(manager);
    } finally {
      manager.close();
    }
  }

  #tell(text: string): void {
    if (this.#globals.verbose === true) say(text);
  }
}
