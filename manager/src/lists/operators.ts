/** How a filter compares, as the KMA writes it. It judges no value. */

export const OPERATORS = ['=', '<>', '<', '>', '<=', '>=', '~', ' empty', ' notempty'] as const;

export type Operator = (typeof OPERATORS)[number];

/** Those that compare with nothing. */
export function isBare(operator: Operator): boolean {
  return operator.startsWith(' ');
}
