/** The people of the demonstration, with passphrases of their own. */
import { randomInt } from 'node:crypto';

export interface Person {
  readonly name: string;
  readonly passphrase: string;
}

/** Who together let another KMA in. */
export interface Admitters {
  readonly officer: Person;
  readonly quorum: readonly Person[];
}

export interface Cast extends Admitters {
  readonly keyHolders: readonly Person[];
  readonly compliance: Person;
  readonly operator: Person;
  readonly backup: Person;
  readonly auditor: Person;
  readonly quorumMember: Person;
  readonly agent: Person;
}

/** Of the key holders. */
export const THRESHOLD = 2;

/** Without letters and digits that look alike. */
const ALPHABET = 'abcdefghijkmnpqrstuvwxyz';
const GROUPS = 4;
const GROUP_LETTERS = 4;

/** Four groups of letters, an upper case one and a digit: about 75 bits, and three classes of the passphrase rules. */
export function makePassphrase(): string {
  const letter = () => ALPHABET.charAt(randomInt(ALPHABET.length));
  const group = () => Array.from({ length: GROUP_LETTERS }, letter).join('');
  const groups = Array.from({ length: GROUPS }, group);
  return `${letter().toUpperCase()}${groups.join('-')}${randomInt(2, 10)}`;
}

export function makeCast(): Cast {
  const person = (name: string): Person => ({ name, passphrase: makePassphrase() });
  const keyHolders = ['holder-1', 'holder-2', 'holder-3'].map(person);
  return {
    keyHolders,
    quorum: keyHolders.slice(0, THRESHOLD),
    officer: person('officer'),
    compliance: person('compliance'),
    operator: person('operator'),
    backup: person('backup-operator'),
    auditor: person('auditor'),
    quorumMember: person('quorum-member'),
    agent: person('demo-agent'),
  };
}
