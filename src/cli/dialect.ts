/** Where the commands made from the catalogue differ between the appliance and the command for administrators elsewhere. Words and examples alone; it sends nothing. */
import type { Command } from 'commander';
import type { Operation } from '../operations/operation.ts';

export interface Dialect {
  /** Words of the operation's command. */
  words(command: NonNullable<Operation['command']>): readonly string[];
  /** Help as it is written in the catalogue, in this command's words. */
  text(text: string): string;
  /** Adds the options that name the user, where every command has its own. */
  addUser(command: Command, operation: Operation): void;
  /** Whether the KMA puts aside what comes with too few credentials. */
  readonly mayWait: boolean;
  /** Who asks; it is asked for before anything else that is secret. */
  readUser(options: Readonly<Record<string, unknown>>): Promise<Named | null>;
}

/** Somebody and his passphrase, as given or typed. */
export interface Named {
  readonly name: string;
  readonly passphrase: string;
}
