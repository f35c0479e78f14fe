/** Which secrets of forms are new ones that a person makes up, and the rules that the KMA has for passphrases, so that they show as one types. The KMA alone judges. */
import { TEXTS } from '../texts/en.ts';

/** By operation: the field with the passphrase, and the one that names whose it is. */
const RULED: Readonly<Record<string, readonly [string, string]>> = {
  createUser: ['passphrase', 'user'],
  setUserPassphrase: ['passphrase', 'user'],
  changeOwnPassphrase: ['newPassphrase', 'user'],
  createAgent: ['passphrase', 'agent'],
  setAgentPassphrase: ['passphrase', 'agent'],
  createKma: ['passphrase', 'kma'],
  setKmaPassphrase: ['passphrase', 'kma'],
};

/** Whose passphrase it will be, or null where the rules are others. */
export function namedBy(
  operation: string,
  field: string,
  values: Readonly<Record<string, unknown>>,
): string | null {
  const [passphrase, name = ''] = RULED[operation] ?? [];
  return passphrase === field ? String(values[name] ?? '') : null;
}

const MINIMUM = 8;
const MAXIMUM = 64;
const CLASSES_MIN = 3;
const CLASSES = [/\p{Lu}/u, /\p{Ll}/u, /[0-9]/, /[~!@#$%^&*()\-_=+[\]{}\\|;:'"<>,./?]/];
const ALLOWED = /^[\p{L}\p{M}0-9~!@#$%^&*()\-_=+[\]{}\\|;:'"<>,./?]*$/u;

export interface Rule {
  readonly text: string;
  readonly kept: boolean;
}

export function rulesFor(passphrase: string, name: string, minimumLength: number = MINIMUM): readonly Rule[] {
  const text = passphrase.normalize('NFC');
  const length = [...text].length;
  const folded = name.normalize('NFC').toLowerCase();
  return [
    { text: TEXTS.ruleMinimum(minimumLength), kept: length >= minimumLength },
    { text: TEXTS.ruleMaximum(MAXIMUM), kept: length <= MAXIMUM },
    { text: TEXTS.ruleCharacters, kept: ALLOWED.test(text) },
    { text: TEXTS.ruleClasses, kept: CLASSES.filter((kind) => kind.test(text)).length >= CLASSES_MIN },
    { text: TEXTS.ruleName, kept: folded === '' || !text.toLowerCase().includes(folded) },
  ];
}
