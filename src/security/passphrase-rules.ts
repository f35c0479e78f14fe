/** The product's rules for passphrases of users, agents, KMAs and key split credentials. It keeps no passphrase and repeats none in a detail. */
import { type Refusal, refuse } from '../core/refusal.ts';

export const PASSPHRASE_MINIMUM_LENGTH = 8;
export const PASSPHRASE_MAXIMUM_LENGTH = 64;
const CLASSES_MIN = 3;

/** Upper case, lower case, digit, special. */
const CLASSES = [/\p{Lu}/u, /\p{Ll}/u, /[0-9]/, /[~!@#$%^&*()\-_=+[\]{}\\|;:'"<>,./?]/];
/** Letters of any script, digits and the product's specials; so neither blanks, backticks nor control characters. */
const ALLOWED = /^[\p{L}\p{M}0-9~!@#$%^&*()\-_=+[\]{}\\|;:'"<>,./?]*$/u;

export interface PassphraseRule {
  readonly text: string;
  readonly kept: boolean;
}

/** Every rule, kept or not, in an order that does not change. */
export function passphraseRules(
  passphrase: string,
  entityName: string,
  minimumLength: number = PASSPHRASE_MINIMUM_LENGTH,
): readonly PassphraseRule[] {
  const text = passphrase.normalize('NFC');
  const length = [...text].length;
  return [
    { text: `at least ${minimumLength} characters`, kept: length >= minimumLength },
    { text: `at most ${PASSPHRASE_MAXIMUM_LENGTH} characters`, kept: length <= PASSPHRASE_MAXIMUM_LENGTH },
    {
      text: 'only letters, digits and the special characters ~!@#$%^&*()-_=+[]{}\\|;:\'"<>,./?',
      kept: ALLOWED.test(text),
    },
    {
      text: 'at least three of upper case, lower case, digit and special character',
      kept: CLASSES.filter((kind) => kind.test(text)).length >= CLASSES_MIN,
    },
    { text: 'must not contain the name', kept: !containsName(text, entityName) },
  ];
}

/** Null where all rules are kept; otherwise the detail says which rule is broken. */
export function checkPassphraseRules(
  passphrase: string,
  entityName: string,
  minimumLength?: number,
): Refusal | null {
  const broken = passphraseRules(passphrase, entityName, minimumLength).find(({ kept }) => !kept);
  return broken === undefined ? null : refuse('INVALID_PASSPHRASE', broken.text);
}

/** Whatever the case, since "Smith" is no harder to guess than "smith". */
function containsName(passphrase: string, name: string): boolean {
  const folded = name.normalize('NFC').toLowerCase();
  return folded !== '' && passphrase.toLowerCase().includes(folded);
}
