/** Asks for the input of an operation field by field, in the words of the catalogue, and for the key holders of a quorum. It sends nothing. */
import { sameBytes } from '@openkma/protocol';
import { type InputField, inputFieldsOf } from '../../operations/input-fields.ts';
import type { Operation } from '../../operations/operation.ts';
import { checkPassphraseRules } from '../../security/passphrase-rules.ts';
import type { SecretBytes } from '../../security/secret-bytes.ts';
import type { Named } from '../dialect.ts';
import { CREDENTIALS_MAX } from '../passphrases.ts';
import { sayChoices } from '../quickstart/words.ts';
import { fieldValueOf, introductionOf, promptOf } from './field-value.ts';
import { isLeft, type Keyboard, type Left } from './keyboard.ts';
import { textOf } from './session.ts';

export type Input = Record<string, unknown>;

/** `given`: what is known already is not asked for. */
export async function askInput(
  keyboard: Keyboard,
  operation: Operation,
  given: Input,
): Promise<Input | Left> {
  const input: Input = { ...given };
  for (const field of inputFieldsOf(operation)) {
    if (field.name in given) continue;
    const value =
      field.kind === 'secret'
        ? await askNewSecret(keyboard, field, input)
        : await askValue(keyboard, operation, field);
    if (isLeft(value)) return value;
    if (value !== undefined) input[field.name] = value;
  }
  return input;
}

async function askValue(keyboard: Keyboard, operation: Operation, field: InputField): Promise<unknown> {
  sayIntroduction(keyboard, field);
  sayChoices(keyboard.terminal, field.choices ?? []);
  for (;;) {
    const line = await keyboard.line(promptOf(field));
    if (isLeft(line)) return line;
    const read = fieldValueOf(operation, field, line);
    if ('value' in read) return read.value;
    sayAdvice(keyboard, read.advice);
  }
}

/** Typed twice, because a slip would lock somebody out. */
async function askNewSecret(keyboard: Keyboard, field: InputField, input: Input): Promise<string | Left> {
  sayIntroduction(keyboard, field);
  for (;;) {
    const first = await keyboard.secret(promptOf(field));
    if (isLeft(first)) return first;
    const broken = brokenRule(field.name, first, input);
    if (broken !== null) {
      first.wipe();
      sayAdvice(keyboard, `not accepted: ${broken}`);
      continue;
    }
    const again = await keyboard.secret('The same again: ');
    const text = isLeft(again) || !sameBytes(first.reveal(), again.reveal()) ? null : textOf(first);
    first.wipe();
    if (isLeft(again)) return again;
    again.wipe();
    if (text !== null) return text;
    sayAdvice(keyboard, 'the two differ; once more');
  }
}

/** Before key holders are called to the keyboard; the KMA has the last word. */
function brokenRule(name: string, typed: SecretBytes, { user }: Input): string | null {
  if (typed.length === 0) return 'nothing was typed';
  if (!/passphrase$/i.test(name)) return null;
  return checkPassphraseRules(textOf(typed), typeof user === 'string' ? user : '')?.detail ?? null;
}

/** As many different key holders as the threshold says, one after the other. */
export async function askQuorum(keyboard: Keyboard): Promise<readonly Named[] | Left> {
  const holders: Named[] = [];
  keyboard.terminal.say(
    'The quorum: as many different key holders as the threshold says, one after the other.',
  );
  while (holders.length < CREDENTIALS_MAX) {
    const hint = holders.length === 0 ? '' : ' (Enter: no more)';
    const name = await keyboard.line(`Name of key holder ${holders.length + 1}${hint}: `);
    if (isLeft(name)) return name;
    if (name === '' && holders.length > 0) break;
    if (name === '' || holders.some((holder) => holder.name === name)) {
      sayAdvice(keyboard, 'the name of another key holder is needed');
      continue;
    }
    const passphrase = await keyboard.secret(`Passphrase of ${name}: `);
    if (isLeft(passphrase)) return passphrase;
    holders.push({ name, passphrase: textOf(passphrase) });
    passphrase.wipe();
  }
  return holders;
}

/** What was typed ahead of a refused line was meant for what follows, and may be a passphrase. */
export function sayAdvice({ terminal }: Keyboard, advice: string): void {
  terminal.dropTypedAhead();
  terminal.say(advice, 'red', '! ');
}

function sayIntroduction({ terminal }: Keyboard, field: InputField): void {
  const text = introductionOf(field);
  if (text !== null) terminal.say(text);
}
