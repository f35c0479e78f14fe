/** The product's rules for passphrases of users, agents, KMAs and key split credentials. It keeps no passphrase and repeats none in a detail. */
import { type Refusal, refuse } from '../core/refusal.ts';

export const PASSPHRASE_MINIMUM_LENGTH = 8;
export const PASSPHRASE_MAXIMUM_LENGTH = 64;
const CLASSES_MIN = 3;

/** Upper case, lower case, digit, special. */
const CLASSES = [/\p{Lu}/u, /\p{Ll}/u, /[0-9]/, /[~!@#$%^&*()\-_=+[\]{}\\|;:'"<>,./?]/];
/** Letters of any script, digits and the product's specials; so neither blanks, backticks nor control characters. */
const ALLOWED = /^[\p{L}\p{M}0-9~!@#$%^&*()\-_=+[\]{}\\|;:'"<>,./?]*$/u;

/** Null where all rules are kept; otherwise the detail says which rule is broken. */
export function checkPassphraseRules(
  passphrase: string,
  entityName: string,
  minimumLength: number = PASSPHRASE_MINIMUM_LENGTH,
): Refusal | null {
  const text = passphrase.normalize('NFC');
  const length = [...text].length;
  if (length < minimumLength) return broken(`at least ${minimumLength} characters`);
  if (length > PASSPHRASE_MAXIMUM_LENGTH) return broken(`at most ${PASSPHRASE_MAXIMUM_LENGTH} characters`);
  if (!ALLOWED.test(text))
    return broken('only letters, digits and the special characters ~!@#$%^&*()-_=+[]{}\\|;:\'"<>,./?');
  if (CLASSES.filter((kind) => kind.test(text)).length < CLASSES_MIN)
    return broken('at least three of upper case, lower case, digit and special character');
  if (containsName(text, entityName)) return broken('must not contain the name');
  return null;
}

/** Whatever the case, since "Smith" is no harder to guess than "smith". */
function containsName(passphrase: string, name: string): boolean {
  const folded = name.normalize('NFC').toLowerCase();
  return folded !== '' && passphrase.toLowerCase().includes(folded);
}

function broken(rule: string): Refusal {
  return refuse('INVALID_PASSPHRASE', rule);
}
