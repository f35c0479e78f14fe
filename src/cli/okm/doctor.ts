/** "okm doctor": which hop between this machine and each KMA is broken, and what to change. It changes nothing and asks for no passphrase. */
import { DOCTOR_EXIT_CODES, DOCTOR_EXIT_HELP, examinationText } from '@openkma/agent/doctor';
import type { Command } from 'commander';
import { z } from 'zod';
import { examineAsManager } from '../../client/doctor.ts';
import type { Manager } from '../../client/manager.ts';
import { OpenKmaError } from '../../errors.ts';
import { Connection } from './connection.ts';
import type { Globals } from './globals.ts';
import { operationNamed } from './operation-named.ts';
import { pagesOf } from './pages.ts';
import { printResult } from './result.ts';

const LIST_TIMEOUT_S = 5;

const namedKma = z.object({ kma: z.string(), enabled: z.boolean(), managementAddress: z.string() });
type NamedKma = z.infer<typeof namedKma>;

export function addDoctorCommand(program: Command, globals: () => Globals): void {
  program
    .command('doctor')
    .helpGroup('Clusters and sessions:')
    .description(
      'Looks at each KMA and each port a manager needs, and says which hop is broken and what to change.',
    )
    .addHelpText(
      'after',
      `
With an open session or a saved certificate it looks at all KMAs of the cluster, else at that of the profile
or of --kma. --verbose shows every step.
${DOCTOR_EXIT_HELP}
Example:
  okm doctor
`,
    )
    .action(async () => {
      const options = globals();
      if (options.user !== undefined)
        throw new OpenKmaError('USAGE', 'the doctor takes an open session: "okm login" first');
      // Its own questions are bounded; a KMA that is out of order must not hold up the list of the others.
      const connection = new Connection({ ...options, timeout: LIST_TIMEOUT_S, retries: 0 });
      const place = await connection.place();
      const identity = await connection.identity();
      const others = identity === null ? [] : await connection.use(null, kmasNamed).catch(() => []);
      const isLogIn = await connection.isLogIn(null);
      const examined = await examineAsManager({ place, others, identity, isLogIn });
      const { json, tsv, output } = options;
      if (json === true || tsv === true || output !== undefined) printResult(examined, options);
      else process.stdout.write(examinationText(examined, options.verbose === true));
      process.exitCode = DOCTOR_EXIT_CODES[examined.result];
    });
}

/** At the addresses of the management network. */
async function kmasNamed(manager: Manager): Promise<NamedKma[]> {
  const kmas: NamedKma[] = [];
  for await (const rows of pagesOf(manager, operationNamed('ListKmas'), {}))
    for (const row of rows) kmas.push(namedKma.parse(row));
  return kmas.filter(({ enabled, managementAddress }) => enabled && managementAddress !== '');
}
