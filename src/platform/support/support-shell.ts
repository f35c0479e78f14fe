/** The shell of the support account, a program of its own that imports nothing of OpenKMA: it hands lines to the KMA and shows what comes back. It starts no program and opens no file. */
import { createConnection } from 'node:net';
import { createInterface } from 'node:readline';

/** In the private file system of the support sshd. */
const SOCKET = '/run/openkma-support/socket/ask.sock';
const LINE_MAX = 256;

const from = process.env['SSH_CONNECTION'] ?? '';
const given = process.env['SSH_ORIGINAL_COMMAND'];
const terminal = process.stdin.isTTY === true && process.stdout.isTTY === true;
const connection = createConnection(SOCKET);
const lines = createInterface({
  input: process.stdin,
  output: terminal ? process.stdout : undefined,
  terminal,
});
let asked = 0;
let received = '';
let inputEnded = false;

connection.setEncoding('utf8');
connection.on('data', (text: string) => {
  received += text;
  for (let end = received.indexOf('\n'); end >= 0; end = received.indexOf('\n')) {
    show(received.slice(0, end));
    received = received.slice(end + 1);
  }
});
connection.on('error', () => leave('The KMA does not answer.'));
connection.on('close', () => leave('The KMA has ended this session.'));

lines.setPrompt('support> ');
if (given !== undefined) ask(given);
else {
  if (terminal) ask('welcome');
  lines.on('line', (line) => (line.trim() === '' ? prompt() : ask(line)));
  lines.on('SIGINT', () => {
    lines.write(null, { ctrl: true, name: 'u' });
    prompt();
  });
}
lines.on('close', () => {
  inputEnded = true;
  if (asked === 0) process.exit(0);
});

function ask(line: string): void {
  asked += 1;
  connection.write(`${JSON.stringify({ from, line: line.slice(0, LINE_MAX) })}\n`);
}

function show(message: string): void {
  const answer: { text?: unknown; failed?: unknown; end?: unknown } = JSON.parse(message);
  process.stdout.write(String(answer.text ?? ''));
  asked -= 1;
  if (given !== undefined) process.exit(answer.failed === true ? 1 : 0);
  if (answer.end === true || (inputEnded && asked === 0)) process.exit(0);
  prompt();
}

function prompt(): void {
  if (terminal) lines.prompt();
}

function leave(why: string): never {
  process.stderr.write(`${why}\n`);
  process.exit(1);
}
