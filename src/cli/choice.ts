/** Reads one of a few words of the command line, in any letter case and with - or _; what is none of them is a usage error that names them. */
import { InvalidArgumentError } from 'commander';

export function choiceOf(choices: readonly string[]): (text: string) => string {
  return (text) => {
    const found = choices.find((choice) => comparable(choice) === comparable(text));
    if (found === undefined) throw new InvalidArgumentError(`"${text}" is none of: ${choices.join(', ')}`);
    return found;
  };
}

/** For a list with commas. */
export function choicesOf(choices: readonly string[]): (text: string) => string[] {
  return (text) => listItems(text).map(choiceOf(choices));
}

export function listItems(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function comparable(text: string): string {
  return text.toLowerCase().replaceAll('-', '_');
}
