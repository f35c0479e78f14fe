/** What every command of okm-agent shares: its global options, an opened agent, its output; it decides no exit code. */
import { type Command, InvalidArgumentError } from 'commander';
import { KmaClient } from '../client.ts';
import { profileDirectory, type Settings } from '../profile.ts';
import { type Output, outputFor } from './output.ts';

export interface GlobalOptions {
  readonly profile: string;
  readonly json: boolean;
  readonly timeout?: number;
  readonly failoverLimit?: number;
}

export interface Context {
  readonly directory: string;
  readonly output: Output;
  readonly json: boolean;
  readonly settings: Partial<Settings>;
}
export interface AgentContext extends Context {
  readonly client: KmaClient;
}

export function contextOf(command: Command): Context {
  const { profile, json, timeout, failoverLimit } = command.optsWithGlobals<GlobalOptions>();
  return {
    directory: profileDirectory(profile),
    output: outputFor(json),
    json,
    settings: {
      ...(timeout === undefined ? {} : { timeoutMs: Math.ceil(timeout * 1000) }),
      ...(failoverLimit === undefined ? {} : { failoverLimit }),
    },
  };
}

/** Runs `work` with the enrolled agent, whose connections are closed afterwards. */
export async function withAgent(
  command: Command,
  work: (context: AgentContext) => Promise<void>,
): Promise<void> {
  const context = contextOf(command);
  // One command makes several calls within a moment: keeping the connection saves handshakes.
  using client = await KmaClient.open(context.directory, { settings: context.settings, keepAlive: true });
  await work({ ...context, client });
}

/** A parser for a number option, within bounds. */
export function numberBetween(min: number, max: number, whole: boolean): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !(value >= min && value <= max) || (whole && !Number.isInteger(value)))
      throw new InvalidArgumentError(`give a ${whole ? 'whole ' : ''}number from ${min} to ${max}.`);
    return value;
  };
}

export function exampleHelp(...lines: readonly string[]): string {
  return `\nExample:\n${lines.map((line) => `  $ ${line}`).join('\n')}\n`;
}
