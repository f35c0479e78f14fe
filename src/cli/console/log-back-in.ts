/** What the console does that no operation of the catalogue does: logs this KMA back in to its cluster, as "kma rejoin" does, and says where network addresses are set. */
import { OpenKmaError } from '../../errors.ts';
import { PORT_OFFSET_MAX } from '../../ports.ts';
import { rejoinAnswersSchema } from '../rejoin-answers.ts';
import { rejoin } from '../rejoin-command.ts';
import { type Desk, type Outcome, sayOutput, sayRefusal } from './desk.ts';
import { askQuorum, sayAdvice } from './form.ts';
import { isLeft, type Keyboard, type Left } from './keyboard.ts';
import { textOf } from './session.ts';

const WHAT_FOR =
  'For a KMA that was logged out: a Security Officer has set a new passphrase for it at another KMA ("member set-passphrase"). It is proven to that KMA or another one of the cluster; a quorum of the key split, as this KMA knows it, has to agree.';

export async function logBackIn(desk: Desk): Promise<Outcome> {
  const { keyboard, dataDirectory } = desk;
  const { terminal } = keyboard;
  terminal.say(WHAT_FOR);
  const address = await keyboard.line('Address of a KMA of the cluster: ');
  if (isLeft(address)) return address;
  const portOffset = await askOffset(keyboard);
  if (isLeft(portOffset)) return portOffset;
  const secret = await keyboard.secret(`New passphrase of ${desk.kma}: `);
  if (isLeft(secret)) return secret;
  const passphrase = textOf(secret);
  secret.wipe();
  const quorum = await askQuorum(keyboard);
  if (isLeft(quorum)) return quorum;
  const answers = rejoinAnswersSchema.safeParse({ passphrase, quorum });
  if (!answers.success) {
    sayAdvice(keyboard, answers.error.issues[0]?.message ?? 'not accepted');
    return 'menu';
  }
  const step = (text: string) => terminal.say(`${text} ...`);
  try {
    const done = await terminal.whileWorking(
      () => rejoin(answers.data, { dataDirectory, address, portOffset, step }),
      () => undefined,
    );
    sayOutput(desk, done);
  } catch (error) {
    if (!(error instanceof OpenKmaError)) throw error;
    sayRefusal(desk, {
      refused: error.code,
      ...(error.detail === undefined ? {} : { detail: error.detail }),
    });
  }
  return 'menu';
}

async function askOffset(keyboard: Keyboard): Promise<number | Left> {
  for (;;) {
    const line = await keyboard.line('What it adds to every port [0]: ');
    if (isLeft(line)) return line;
    if (/^\d{0,5}$/.test(line) && Number(line) <= PORT_OFFSET_MAX) return Number(line);
    sayAdvice(keyboard, `a number from 0 to ${PORT_OFFSET_MAX} is needed`);
  }
}

/** The product sets them here; this KMA does not own its machine. */
const ADDRESSES = [
  'Addresses and gateways of this machine are set by its administrator, with the means of its system. The KMA serves at the addresses that it was started with:',
  '  kma serve --management-address ADDRESS --service-address ADDRESS',
  'Where they change: give the machine the new ones, tell the cluster ("kma member modify"), shut the KMA down here, and start it with the new ones. Agents that know another KMA find it again by themselves.',
];

export function sayAddresses({ keyboard, inOwnWords }: Desk): void {
  for (const text of ADDRESSES)
    if (text.startsWith(' ')) keyboard.terminal.sayWhole(text);
    else keyboard.terminal.say(inOwnWords(text));
}
