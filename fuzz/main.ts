/** `npm run fuzz`: seeded, repeatable runs of the fuzz targets, and the replay of one input. It fixes nothing. */
import { parseArgs } from 'node:util';
import { runTarget, type TargetResult, tableOf } from './fuzzer.ts';
import { TARGETS } from './targets/index.ts';

const USAGE = `npm run fuzz -- [--minutes N | --inputs N] [--seed S] [--target T]... [--keep]
npm run fuzz -- --target T --replay FILE
targets: ${TARGETS.map(({ name }) => name).join(', ')}
--keep adds inputs with a new outcome to fuzz/corpus, which changes what a seed means.`;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string' },
    inputs: { type: 'string' },
    seed: { type: 'string', default: '1' },
    target: { type: 'string', multiple: true, default: [] },
    replay: { type: 'string' },
    keep: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const minutes = Number(values.minutes ?? (values.inputs === undefined ? '1' : 'NaN'));
const inputs = values.inputs === undefined ? null : Number(values.inputs);
const seed = Number(values.seed);
const names = values.target.length === 0 ? TARGETS.map(({ name }) => name) : values.target;
const unknown = names.filter((name) => !TARGETS.some((target) => target.name === name));
const wrong =
  values.help ||
  unknown.length > 0 ||
  !Number.isSafeInteger(seed) ||
  (inputs === null && !(minutes > 0)) ||
  (inputs !== null && !(Number.isSafeInteger(inputs) && inputs > 0)) ||
  (values.replay !== undefined && names.length !== 1);
if (wrong) {
  process.stderr.write(`${USAGE}\n`);
  process.exit(2);
}

const results: TargetResult[] = [];
for (const target of names) {
  process.stderr.write(`${target} ...\n`);
  const milliseconds = Number.isNaN(minutes) ? null : minutes * 60_000;
  const replay = values.replay ?? null;
  const result = await runTarget({ target, seed, inputs, milliseconds, keep: values.keep, replay });
  results.push(result);
  if (values.verbose || replay !== null)
    for (const [outcome, count] of result.outcomes)
      process.stdout.write(`${target}: ${count} x ${outcome}\n`);
}
process.stdout.write(`${tableOf(results)}\n`);
process.exit(results.some(({ crashes }) => crashes.length > 0) ? 1 : 0);
