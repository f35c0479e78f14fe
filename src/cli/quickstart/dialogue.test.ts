/** The course of the QuickStart dialogue without a terminal: order, checks, going back, changing an item, beginning again. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SecretBytes } from '../../security/secret-bytes.ts';
import { interrupt, submit } from './dialogue.ts';
import { BEGINNING, type Dialogue } from './moves.ts';
import type { Surroundings } from './questions.ts';

const HERE: Surroundings = { nowMs: Date.UTC(2026, 0, 2, 3, 4), machineAddresses: [] };
const GOOD = 'Qzv7*jkwXq';
const OTHER = 'wJx9+vQzqk';

/** Where the dialogue is: the question, or the kind of place. */
function spot({ place }: Dialogue): string {
  if (place.at === 'question') return place.id;
  return place.at === 'again' ? `${place.id} again` : place.at;
}

/** Types lines one after the other; passphrases as a terminal would give them. */
function type(dialogue: Dialogue, ...lines: string[]): Dialogue {
  return lines.reduce(
    (at, line) => submit(at, spot(at).includes('passphrase') ? SecretBytes.fromText(line) : line, HERE),
    dialogue,
  );
}

const NETWORK = ['', '192.0.2.10', '198.51.100.10', '3', 'kma-1'];
const person = (name: string, passphrase = GOOD) => [name, passphrase, passphrase];
const TWO = [...NETWORK, '2', '2', ...person('alice'), ...person('bob', OTHER)];
const ALL = [...TWO, ...person('olga'), '1', '1000', '1', '1'];
const complete = () => type(BEGINNING, ...ALL);

test('asks in the order of the product', () => {
  const spots: string[] = [];
  let dialogue = BEGINNING;
  for (const line of ALL) {
    spots.push(spot(dialogue));
    dialogue = type(dialogue, line);
    assert.equal(dialogue.advice, null, `${spots.at(-1)}: ${dialogue.advice}`);
  }
  assert.deepEqual(
    spots.map((id) => id.replace('passphrase', 'P')),
    [
      ...[
        'welcome',
        'managementAddress',
        'serviceAddress',
        'minimumTls',
        'kmaName',
        'keySplitSize',
        'threshold',
      ],
      ...[
        'holder.1.name',
        'holder.1.P',
        'holder.1.P again',
        'holder.2.name',
        'holder.2.P',
        'holder.2.P again',
      ],
      ...[
        'officer.name',
        'officer.P',
        'officer.P again',
        'autonomousUnlock',
        'keyPoolSize',
        'digest',
        'clock',
      ],
    ],
  );
  assert.equal(spot(dialogue), 'summary');
  assert.equal(spot(type(dialogue, 'yes')), 'confirmed');
});

test('at the beginning another mode of QuickStart may be taken, which asks for itself', () => {
  assert.equal(spot(type(BEGINNING, '1')), 'managementAddress');
  assert.equal(spot(type(BEGINNING, '2')), 'join');
  assert.equal(spot(type(BEGINNING, '3')), 'restore');
  const other = type(BEGINNING, '4');
  assert.deepEqual([spot(other), other.advice], ['welcome', 'a number from 1 to 3 is needed']);
});

test('an empty line takes what is offered: one network, TLS 1.2, 2 of 3, locked, 1000 keys, SHA-256', () => {
  const dialogue = type(BEGINNING, '', '', '', '', 'kma-1', '', '');
  assert.deepEqual([...dialogue.answers.values()], ['127.0.0.1', '127.0.0.1', '1.2', 'kma-1', '3', '2']);
  const rest = type(complete(), '10', '', '11', '');
  assert.deepEqual([rest.answers.get('autonomousUnlock'), rest.answers.get('keyPoolSize')], ['no', '1000']);
});

test('addresses of this machine are offered, by number, the service network with that of the management one', () => {
  const here = { ...HERE, machineAddresses: ['192.0.2.10', '198.51.100.10'] };
  const answered = (...lines: string[]) =>
    ['', ...lines].reduce((at, line) => submit(at, line, here), BEGINNING).answers;
  const both = (...lines: string[]) => [...answered(...lines).values()];
  assert.deepEqual(both('', ''), ['192.0.2.10', '192.0.2.10']);
  assert.deepEqual(both('2', ''), ['198.51.100.10', '198.51.100.10']);
  assert.deepEqual(both('1', '2'), ['192.0.2.10', '198.51.100.10']);
  assert.deepEqual(both('203.0.113.7', '3'), ['203.0.113.7', '127.0.0.1']);
});

test('the beginning of a word is enough where no other choice begins so', () => {
  const beforeClock = [...TWO, ...person('olga'), 'n', '', 'sha-2'];
  assert.equal(spot(type(BEGINNING, ...beforeClock, 'y')), 'summary');
  assert.match(type(BEGINNING, ...beforeClock, 'n').advice ?? '', /^Set the clock/);
  assert.match(type(BEGINNING, ...beforeClock.slice(0, -1), 'sha').advice ?? '', /^a number from 1 to 2/);
  assert.equal(spot(type(complete(), 'Y')), 'confirmed');
});

const refused: readonly (readonly [string, readonly string[], string, RegExp])[] = [
  ['an address that is none', [''], 'here', /^an IPv4 or IPv6 address is needed$/],
  ['a choice that is none', NETWORK.slice(0, 3), '5', /^a number from 1 to 4 is needed$/],
  ['no name', NETWORK.slice(0, 4), ' ', /^1 to 64 characters/],
  ['a name that is too long', NETWORK.slice(0, 4), 'x'.repeat(65), /^1 to 64 characters/],
  ['a key split of eleven', NETWORK, '11', /^a whole number from 1 to 10/],
  ['a number with a point', NETWORK, '2.5', /^a whole number from 1 to 10/],
  ['a threshold above the size', [...NETWORK, '2'], '3', /^at most 2/],
  [
    'two holders of one name',
    [...NETWORK, '2', '2', ...person('alice')],
    'alice',
    /^two credentials have one name$/,
  ],
  ['no passphrase', [...NETWORK, '2', '2', 'alice'], '', /^a passphrase is needed$/],
  [
    'a passphrase with the name',
    [...NETWORK, '2', '2', 'alice'],
    'Alice-123',
    /^not accepted: must not contain the name$/,
  ],
  ['a small pool', [...TWO, ...person('olga'), ''], '999', /^a whole number from 1000 to 200000/],
  ['a wrong clock', [...TWO, ...person('olga'), '', '', ''], '2', /^Set the clock/],
  ['a clock that nobody has looked at', [...TWO, ...person('olga'), '', '', ''], '', /^a number from 1 to 2/],
  ['an item that is none', ALL, '13', /^type yes, or a number from 1 to 12$/],
];
for (const [what, before, line, advice] of refused)
  test(`${what} is refused when it is typed, and asked for again`, () => {
    const dialogue = type(BEGINNING, ...before);
    const after = type(dialogue, line);
    assert.equal(spot(after), spot(dialogue));
    assert.match(after.advice ?? '', advice);
    assert.deepEqual(after.answers, dialogue.answers);
  });

test('a passphrase that is repeated differently is typed from the beginning, and both are wiped', () => {
  const [first, second] = [SecretBytes.fromText(GOOD), SecretBytes.fromText(OTHER)];
  const again = submit(type(BEGINNING, ...NETWORK, '2', '2', 'alice'), first, HERE);
  const after = submit(again, second, HERE);
  assert.equal(spot(after), 'holder.1.passphrase');
  assert.match(after.advice ?? '', /not the same/);
  for (const secret of [first, second]) assert.ok(secret.reveal().every((byte) => byte === 0));
});

test('"<" goes back to the beginning, one question at a time, and keeps what was answered', () => {
  let dialogue = complete();
  const spots: string[] = [];
  while (spot(dialogue) !== 'welcome') {
    dialogue = type(dialogue, '<');
    spots.push(spot(dialogue));
  }
  assert.equal(spots.length, 17, spots.join());
  assert.equal(spot(type(dialogue, ...Array(17).fill(''))), 'summary', 'empty lines keep everything');
});

test('"<" at the repetition goes back to the passphrase', () => {
  const again = type(BEGINNING, ...NETWORK, '2', '2', 'alice', GOOD);
  assert.equal(spot(again), 'holder.1.passphrase again');
  assert.equal(spot(type(again, '<')), 'holder.1.passphrase');
});

test('an item is changed from the summary, which comes again', () => {
  assert.equal(spot(type(complete(), '4')), 'kmaName');
  const changed = type(complete(), '4', 'kma-2');
  assert.equal(spot(changed), 'summary');
  assert.equal(changed.answers.get('kmaName'), 'kma-2');
  assert.equal(spot(type(complete(), '4', '<')), 'summary', 'or not changed after all');
  assert.equal(spot(type(complete(), '1', '<')), 'summary');
  assert.equal(spot(type(complete(), '6', '', '')), 'summary', 'the passphrase is kept');
});

test('another name needs another passphrase, and the one before is wiped', () => {
  const before = complete();
  const secret = before.answers.get('holder.1.passphrase');
  const after = type(before, '6', 'anna');
  assert.equal(spot(after), 'holder.1.passphrase');
  assert.ok(!after.answers.has('holder.1.passphrase'));
  assert.ok(secret instanceof SecretBytes && secret.reveal().every((byte) => byte === 0));
});

test('a greater key split asks for the new holders alone, a smaller one for a threshold that fits', () => {
  const greater = type(complete(), '5', '3', '2');
  assert.equal(spot(greater), 'holder.3.name');
  assert.equal(spot(type(greater, ...person('carol'))), 'summary');
  const before = complete();
  const secret = before.answers.get('holder.2.passphrase');
  const smaller = type(before, '5', '1');
  assert.equal(spot(smaller), 'threshold');
  assert.ok(secret instanceof SecretBytes && secret.reveal().every((byte) => byte === 0));
  assert.equal(spot(type(smaller, '')), 'summary');
});

test('Ctrl-C asks: begin again, go on, or leave', () => {
  const dialogue = type(BEGINNING, ...TWO);
  const secrets = ['holder.1.passphrase', 'holder.2.passphrase'].map((id) => dialogue.answers.get(id));
  const asked = interrupt(dialogue);
  assert.equal(spot(asked), 'interrupted');
  assert.equal(spot(type(asked, '2')), 'officer.name');
  assert.match(type(asked, '4').advice ?? '', /1 to 3/);
  assert.ok(
    secrets.every((secret) => secret instanceof SecretBytes && secret.reveal().includes(GOOD.slice(-1))),
  );
  assert.deepEqual(type(asked, ''), BEGINNING);
  for (const secret of secrets)
    assert.ok(secret instanceof SecretBytes && secret.reveal().every((byte) => byte === 0));
});

test('Ctrl-C leaves at once where it is pressed twice, and wipes a passphrase that waits for its repetition', () => {
  const first = SecretBytes.fromText(GOOD);
  const again = submit(type(BEGINNING, ...NETWORK, '2', '2', 'alice'), first, HERE);
  const left = interrupt(interrupt(again));
  assert.equal(spot(left), 'left');
  assert.equal(left.answers.size, 0);
  assert.ok(first.reveal().every((byte) => byte === 0));
  assert.equal(spot(type(interrupt(complete()), '3')), 'left');
});
