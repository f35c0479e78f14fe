/** What a typed line is as the value of an input field: checked with the schema of the operation that takes it. It reads no terminal and knows no secret. */
import { z } from 'zod';
import type { InputField } from '../../operations/input-fields.ts';
import type { Operation } from '../../operations/operation.ts';
import { headingTexts } from '../cell-text.ts';
import { listItems } from '../choice.ts';

/** Undefined leaves the field out. */
export type FieldValue = { readonly value: unknown } | { readonly advice: string };

const LABEL_WORDS_MAX = 3;
const YES_NO: Readonly<Record<string, boolean>> = { y: true, yes: true, n: false, no: false };

/** Before the colon: the field, and in brackets what an empty line means. */
export function promptOf(field: InputField): string {
  const { name, description, preset, kind, required } = field;
  const shown = presetText(preset) ?? (required || kind === 'list' || kind === 'secret' ? null : 'none');
  const label = isLabel(field) ? description : headingTexts(name).join(' ');
  return `${capitalised(label)}${shown === null ? '' : ` [${shown}]`}: `;
}

/** What is said before the prompt; null where the prompt says it. */
export function introductionOf(field: InputField): string | null {
  return isLabel(field) ? null : `${capitalised(field.description)}:`;
}

/** A description such as "new passphrase" is the name of the field, and says no more than that. */
function isLabel({ name, description }: InputField): boolean {
  const isShort = description.split(' ').length <= LABEL_WORDS_MAX;
  return isShort && description.toLowerCase().includes(headingTexts(name).join(' ').toLowerCase());
}

function capitalised(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

export function fieldValueOf(operation: Operation, field: InputField, line: string): FieldValue {
  if (line === '' && !field.required) return { value: undefined };
  const read = readLine(field, line);
  if ('advice' in read) return read;
  const schema = operation.input instanceof z.ZodObject ? operation.input.shape[field.name] : undefined;
  const checked = (schema as z.ZodType | undefined)?.safeParse(read.value);
  return checked?.success === false ? { advice: checked.error.issues[0]?.message ?? 'not accepted' } : read;
}

function readLine({ kind, choices }: InputField, line: string): FieldValue {
  if (kind === 'list') return { value: listItems(line) };
  if (line === '') return { advice: 'something has to be typed' };
  if (choices !== undefined) {
    const chosen = choices.find((choice) => choice.toLowerCase() === line.toLowerCase());
    const value = chosen ?? (/^\d+$/.test(line) ? choices[Number(line) - 1] : undefined);
    return value === undefined ? { advice: `a number from 1 to ${choices.length} is needed` } : { value };
  }
  if (kind === 'flag') {
    const value = YES_NO[line.toLowerCase()];
    return value === undefined ? { advice: 'type y or n' } : { value };
  }
  if (kind === 'integer')
    return /^\d{1,15}$/.test(line) ? { value: Number(line) } : { advice: 'a whole number is needed' };
  return { value: line };
}

function presetText(preset: unknown): string | null {
  if (preset === undefined) return null;
  if (typeof preset === 'boolean') return preset ? 'y' : 'n';
  if (Array.isArray(preset)) return preset.length === 0 ? 'none' : preset.join(', ');
  return preset === '' ? 'none' : String(preset);
}
