/** Holds the rules for the password of the support account. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brokenSupportPasswordRule } from './support-password.ts';

const NAMES = ['okmsupport', 'kma-1', 'x'];

const SOUND = [
  'Tall-Ships-7-sail',
  'nine Owls & 3 Larks?',
  'R7#kfW-2pQz!vL9m',
  `Ab3-${'jk8 Tz'.repeat(20)}Wq`,
];

const BROKEN: readonly (readonly [string, RegExp])[] = [
  ['', /^at least 15/],
  ['Ab1-defghkmnpr', /^at least 15/],
  [`Ab1-${'xYz9,'.repeat(25)}`, /^at most 128/],
  ['Tall-Sh\u00eeps-7-sail', /ASCII/],
  ['Tall-Ships\t7-sails', /ASCII/],
  [' Tall-Ships-7-sail', /blanks at the ends/],
  ['Tall-Ships-7-sail ', /blanks at the ends/],
  ['tall-ships-7-sail', /upper-case/],
  ['TALL-SHIPS-7-SAIL', /lower-case/],
  ['Tall-Ships-x-sail', /digit/],
  ['TallShips7sailAway', /special/],
  ['Tall-Shiiips-7-sail', /same character/],
  ['Tall-ShIiips-7-sail', /same character/],
  ['Ab1-Ab1-bA1-Ab-a', /8 different/],
  ['Horse7-!Horse7-!', /same piece/],
  ['hOrse7-!Horse7-!ho', /same piece/],
  ['Tall-1234-sail-Out', /neighbours/],
  ['Tall-4321-sail-Out', /neighbours/],
  ['Tall-7-QWER-sailor', /neighbours/],
  ['Tall-7-dcba-sailor', /neighbours/],
  ['My-OkmSupport-7-x', /name/],
  ['At-KMA-1-we-sail-9', /name/],
  ['P@ssw0rd-for-7-Us', /tried first/],
  ['My-Password-is-7-x', /tried first/],
  ['W3lc0me-to-the-Sea', /tried first/],
];

for (const password of SOUND)
  test(`takes ${JSON.stringify(password)}`, () =>
    assert.equal(brokenSupportPasswordRule(password, NAMES), null));

for (const [password, rule] of BROKEN)
  test(`refuses ${JSON.stringify(password)}: ${rule}`, () => {
    const told = brokenSupportPasswordRule(password, NAMES);
    assert.match(told ?? 'taken', rule);
  });

test('never repeats the password', () => {
  for (const [password] of BROKEN.filter(([text]) => text.length > 3))
    assert.ok(!(brokenSupportPasswordRule(password, NAMES) ?? '').includes(password));
});
