/** What QuickStart takes for the names of those it makes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answersSchema, type InitAnswers } from './init-answers.ts';

const ANSWERS: InitAnswers = {
  kmaName: 'kma-1',
  threshold: 1,
  credentials: [{ name: 'ann' }, { name: 'ben' }],
  securityOfficer: { name: 'olga' },
};
const placeOf = (answers: Partial<InitAnswers>) =>
  answersSchema.safeParse({ ...ANSWERS, ...answers }).error?.issues[0]?.path.join('.') ?? null;

test('names are kept in one spelling, by which people log in', () => {
  const { securityOfficer, credentials, kmaName } = answersSchema.parse({
    ...ANSWERS,
    kmaName: 'Zu\u0308rich',
    securityOfficer: { name: 'Mu\u0308ller' },
    credentials: [{ name: 'Jo\u0308rg' }],
  });
  assert.deepEqual(
    [kmaName, securityOfficer.name, credentials[0]?.name],
    ['Z\u00fcrich', 'M\u00fcller', 'J\u00f6rg'],
  );
});

test('two spellings of one name are one name', () => {
  assert.equal(placeOf({ credentials: [{ name: 'J\u00f6rg' }, { name: 'Jo\u0308rg' }] }), 'credentials');
});

test('names that nobody could tell apart or type are refused where they stand', () => {
  for (const name of ['', ' olga', 'a\nb', 'a\u202eb', '\u043elga', 'a'.repeat(65)]) {
    assert.equal(placeOf({ kmaName: name }), 'kmaName', JSON.stringify(name));
    assert.equal(placeOf({ securityOfficer: { name } }), 'securityOfficer.name');
    assert.equal(placeOf({ credentials: [{ name }] }), 'credentials.0.name');
  }
});
