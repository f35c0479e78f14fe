/** Reads a number of the command line; what is not one is a usage error, never NaN. */
import { InvalidArgumentError } from 'commander';

export function parseInteger(text: string): number {
  if (!/^-?\d{1,15}$/.test(text)) throw new InvalidArgumentError('a whole number is needed');
  return Number(text);
}

/** For an option with bounds. */
export function integerOf(minimum: number, maximum: number): (text: string) => number {
  return (text) => {
    const value = parseInteger(text);
    if (value < minimum || value > maximum)
      throw new InvalidArgumentError(`${minimum} to ${maximum} is possible`);
    return value;
  };
}
