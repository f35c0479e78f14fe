/** The page docs/okm.md: every command of okm with its example, out of the commands' own help. It writes no file. */
import type { Command } from 'commander';
import { okmProgram } from '../src/cli/okm/okm.ts';

export interface OkmCommand {
  readonly words: string;
  readonly what: string;
  readonly example: string;
}

export function okmCommands(): OkmCommand[] {
  return commandsBelow(okmProgram(), 'okm');
}

export const OKM_INTRODUCTION = [
  '`okm` runs a KMA from another computer: it logs in over ports 3331 and 3332 and asks over 3333. `okm COMMAND --help` shows',
  'all options. Begin with these, where the key is "Public key SHA256" of `kma root-ca show` at the appliance:',
  '',
  '```sh',
  'bin/okm profile create berlin --kma kma1.example.org --ca-key SHA256   # --port-offset N where the KMA was served with it',
  'bin/okm login olga',
  'bin/okm whoami                                                         # her roles, and how long she is logged in',
  '```',
  '',
  '`--user NAME` logs in for one command alone. Each command is for the roles that its `--help` names. Passphrases come from files or',
  'are asked for, and so are the names and passphrases of key holders: an empty name ends them. Where they are not enough the',
  'operation waits for approval (`okm pending`; exit code 8); `--submit` asks for none. Who approves a second time changes nothing,',
  'and is told so (exit code 5).',
  '',
  'Results are tables, which leave out empty columns and shorten long IDs but the first; `--json` and `--tsv` are for programs. In',
  'tab-separated text tabs, line ends and control characters stand as escapes; cells that begin with `=`, `+`, `-` or `@` are not',
  'altered, so import them as text. `--all` gives the whole of a list in place of a page. `--output FILE` is looked at before anything',
  'is asked, and is there when it is whole.',
  '',
  'Where there is a `show` beside `modify` or `delete`, these read the version first and change nothing else than that; `--if-match`',
  'names the version that `show --verbose` showed you, so that your own reading counts; `--force` changes whatever there is.',
  '',
  'Scripts need no log-in: `okm certificate save --out FILE` saves a key and its certificate, and `--usercert FILE` asks with them',
  'until they end or are revoked; with `--kma` and `--cacert` beside it no profile is needed. What takes the credentials of a quorum',
  'needs a log-in all the same. A file of `okm certificate save --monitoring` serves Prometheus as `cert_file` and `key_file` for',
  '`https://KMA:3333/metrics`, and nothing else. The certificate of a KMA names no host, which Prometheus wants, so it needs',
  '`insecure_skip_verify`: it then takes measurements from anybody who answers in place of the KMA, and sends nothing secret.',
  '',
  "Commands of one word are those of the product's own command line: `listagents`, `createagent`, `modifyagent`, `deleteagent`,",
  '`listdus`, `listku`, `destroykeys`, `auditevents`, `currload`, `listagentperformance`, `listkmaperformance`, `backup`, `lock`,',
  '`unlock`. Lists come whole, page by page, with `--filter "COLUMN=VALUE"` as in `okm ... list` (COLUMN is the name in JSON, or the heading as a table shows it, in any case) and a pause of `--listwait` seconds',
  'between pages; with `--json` as one array. `--duids FILE` names data units, one ID a line; `--all=true` of `destroykeys` is all of',
  'them, with the equals sign. Other than there, a passphrase is never an argument (`--passphrase-file`), `auditevents` ends at 100',
  'unless `--maxcount` says more, and there are no options of one letter. There is no `export` and no `import`.',
  '',
  '`okm backup --directory DIR` makes a database backup and fetches it. The KMA makes it as a job, which goes on when the connection',
  'ends: `--job JOB` goes on with it, and with files that are half fetched. `--every 24h` does it over and over with a saved',
  'certificate. `bin/OKM_Backup` is the same for scripts that know the words `-UserID -KMAIPAddress -BackupFilePath -Retries -Timeout`;',
  'passphrases it takes from a file or asks for.',
  '',
  'A backup is restored at an appliance with `kma restore`, or over the network: set a KMA up with `kma init` and a temporary Security',
  'Officer, log in as him, and give the three files to `okm restore` with a quorum of the key split that the core security backup was',
  'made with. The KMA then starts anew as the restored one, and what was temporary is gone. Only a KMA without agents, data units and',
  'other KMAs is restored into; while it checks a large backup it answers nobody. Keys that were destroyed after the backup was made',
  'are there again: destroy them again.',
  '',
  '`okm backup verify FILES` asks no KMA: it opens a backup file, its backup key file and any core security backup of the cluster with',
  'a quorum, in a private directory below `--scratch` that is removed at the end, after a failure or a signal too; what a killed run',
  'left goes with the next one. It refuses what "kma restore" would refuse, and also what is not sound inside: sealed bytes of a key',
  'that are missing or altered, keys of the sample that do not decrypt, an audit chain with a gap. It says how new the newest record',
  'is, and how many minutes the steps of a restore took here. Not in them: files and key holders have to be brought together, and the',
  'restored KMA has to be started and unlocked.',
  '',
  'A key that was destroyed is complete when no backup can hold it whose destruction nobody has confirmed. Clocks of KMAs may differ, so a',
  'backup made up to five minutes after the destruction counts as one that may hold it; `okm data-unit backups` lists them. A KMA that was',
  'deleted as retired counts as having erased it once every member has said how much of its log it has, and all of that has come.',
  '',
  'Exit codes: 0 done, 1 failure, 2 usage, 3 not found, 4 denied, 5 conflict or locked, 6 quorum not met, 7 no answer or busy,',
  '8 accepted and waiting for the approvals of a quorum; of `okm doctor` also 9 warnings, 10 something is broken. They never change their meaning.',
].join('\n');

function commandsBelow(command: Command, words: string): OkmCommand[] {
  return command.commands.flatMap((child) => {
    const path = `${words} ${child.name()}`;
    const own = { words: path, what: child.description(), example: exampleOf(child) };
    const below = commandsBelow(child, path);
    return child.commands.length === 0 ? [own] : own.example === '' ? below : [own, ...below];
  });
}

function exampleOf(command: Command): string {
  let help = '';
  command.configureOutput({
    writeOut: (text) => {
      help += text;
    },
  });
  command.outputHelp();
  return /^Example:\n {2}(.+)$/m.exec(help)?.[1] ?? '';
}
