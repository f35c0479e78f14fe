/** Every command explains itself. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Command } from 'commander';
import { buildProgram } from './program.ts';

function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({
    writeOut: (part) => {
      text += part;
    },
  });
  command.outputHelp();
  return text;
}

function leaves(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);
}

test('gives an example of every command', () => {
  const commands = leaves(buildProgram());
  assert.equal(commands.length, 15);
  for (const command of commands)
    assert.match(
      helpOf(command),
      new RegExp(`Example:\\n {2}\\$ .*okm-agent .*${command.name()}`),
      command.name(),
    );
});

test('takes no passphrase or key in an argument or option', () => {
  for (const command of leaves(buildProgram())) {
    const words = [
      ...command.options.map(({ long }) => long),
      ...command.registeredArguments.map((one) => one.name()),
    ];
    for (const word of words)
      assert.doesNotMatch(word ?? '', /pass(?!phrase-file)|secret|^key$/i, command.name());
  }
});
