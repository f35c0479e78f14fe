/** Holds the formats to the one set of rules: whatever is given, each says the same. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { firewalldText } from './firewalld.ts';
import { iptablesText } from './iptables.ts';
import { nftablesText } from './nftables.ts';
import { plainRules } from './plain.ts';
import { ofFirewalld, ofIptables, ofNftables, ofRuleset } from './read-back.fixture.ts';
import { rulesetOf } from './ruleset.ts';
import { setting, settingOf } from './setting.fixture.ts';

test('nftables, iptables and firewalld get the same set of rules from any setting', () => {
  fc.assert(
    fc.property(setting, (given) => {
      const ruleset = rulesetOf(given);
      const rules = ofRuleset(ruleset);
      assert.ok(rules.size > 0);
      assert.deepEqual(ofNftables(nftablesText(ruleset)), rules);
      assert.deepEqual(ofIptables(iptablesText(ruleset)), rules);
      assert.deepEqual(ofFirewalld(firewalldText(ruleset)), rules);
    }),
  );
});

test('comments fit what nftables keeps, and nothing in them ends one', () => {
  fc.assert(
    fc.property(setting, (given) => {
      for (const { comment } of rulesetOf(given).rules) {
        assert.match(comment, /^[A-Za-z0-9 :,.()-]+$/);
        assert.ok(comment.length <= 128, comment);
        assert.ok(!comment.includes('--'), 'XML');
      }
    }),
  );
});

test('every rule of nftables counts, and each chain drops and counts what is left', () => {
  const text = nftablesText(rulesetOf(settingOf('kma', { agents: ['198.51.100.0/24'] })));
  const rules = text.split('\n').filter((line) => /(accept|drop) comment/.test(line));
  assert.ok(rules.length > 10);
  for (const line of rules) assert.match(line, /counter (accept|drop) comment "/);
  for (const chain of ['input', 'output', 'forward'])
    assert.match(
      text,
      new RegExp(
        `hook ${chain} priority filter; policy drop;(?:\\n    .*)*\\n    counter drop comment "all else"\\n  }`,
      ),
    );
});

test('the rules for programs name the same ends, ports and actions', () => {
  const ruleset = rulesetOf(settingOf('agent', { KMAs: ['192.0.2.1', '2001:db8::1'] }));
  const services = plainRules(ruleset).filter(({ protocol }) => protocol === 'tcp');
  assert.deepEqual(
    services.map(({ chain, family, from, to, ports, action }) => [chain, family, from, to, ports, action]),
    [
      ['output', 'IPv4', ['any'], ['192.0.2.1'], ['3331', '3332', '3334', '3335'], 'accept'],
      ['output', 'IPv6', ['any'], ['2001:db8::1'], ['3331', '3332', '3334', '3335'], 'accept'],
    ],
  );
});
