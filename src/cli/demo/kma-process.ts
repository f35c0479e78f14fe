/** One KMA of the demonstration as a process of its own, as "kma serve" runs one: it serves until it is told to end, or until the demonstration is gone, however that went. */
import { OpenKmaError } from '../../errors.ts';
import { servesAgain } from '../after-end.ts';
import { serve, untilSignal } from '../serve-command.ts';
import { type FromKma, type ToKma, toKma } from './kma-messages.ts';

const tell = (message: FromKma) => {
  if (process.connected) process.send?.(message, () => undefined);
};

/** The channel closes with the demonstration, also where that was killed. */
const gone = new Promise<void>((resolve) => process.once('disconnect', () => resolve()));

async function run(options: ToKma): Promise<void> {
  let over = false;
  const end = Promise.race([gone, untilSignal()]).then(() => {
    over = true;
  });
  for (let again = true; again && !over; ) {
    const kma = await serve({ ...options, log: (line) => tell({ t: 'line', line }) });
    tell({ t: 'ready', locked: kma.locked(), listens: [...kma.listens] });
    try {
      await Promise.race([end, kma.ended]);
    } finally {
      await kma.stop();
    }
    // What was rebooted, or was restored over the network in the place of what it was restored by.
    again = await servesAgain(kma.askedEnd(), options.data, (line) => tell({ t: 'line', line }));
  }
}

process.once('message', (raw) => {
  run(toKma.parse(raw))
    .catch((error: unknown) => {
      const known = error instanceof OpenKmaError ? error : null;
      const detail = known === null ? String(error) : (known.detail ?? '');
      tell({ t: 'failed', code: known?.code ?? null, detail });
      process.exitCode = 1;
    })
    .finally(() => {
      if (process.connected) process.disconnect();
    });
});
