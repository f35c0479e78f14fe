/** What the doctor of a KMA found, for people, with the exit code that says how bad it is. It asks nothing. */
import type { Examination } from '@openkma/agent/doctor';
import { DOCTOR_EXIT_CODES, DOCTOR_EXIT_HELP, examinationText } from '@openkma/agent/doctor';
import type { Command } from 'commander';
import type { Operation } from '../operations/operation.ts';
import { runDoctor, runLocalDoctor } from '../operations/platform/run-doctor.ts';
import { printOutput } from './output.ts';

const DOCTORS: readonly Pick<Operation, 'name'>[] = [runDoctor, runLocalDoctor];

export function isDoctor({ name }: Pick<Operation, 'name'>): boolean {
  return DOCTORS.some((doctor) => doctor.name === name);
}

export function addDoctorOptions(command: Command): void {
  command.option('--verbose', 'every step at every port').addHelpText('after', DOCTOR_EXIT_HELP);
}

export function printExamination(output: unknown, json: boolean, verbose: boolean): void {
  const examined = output as Examination;
  printOutput(examined, json, examinationText(examined, verbose));
  process.exitCode = DOCTOR_EXIT_CODES[examined.result];
}
