/** One button for a conflict: the other value by its own operation, with that operation's rights; then the conflict is settled. Anybody who may not do it sees no button. */
import { Button } from '@patternfly/react-core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ask } from '../api/ask.ts';
import { call, type Input } from '../api/call.ts';
import { isOperation, mayCall, type Operation, operation, operations } from '../api/catalogue.ts';
import { later } from '../shell/later.tsx';
import { useSession } from '../shell/session.tsx';
import { SCREEN_TEXTS } from '../texts/screens.ts';
import type { Thing, ThingProps } from './beside.ts';

const OperationForm = later(() => import('../forms/OperationForm.tsx'));

interface Now {
  readonly known: Input;
  readonly version: string | null;
}

export default function TakeOther({ thing }: ThingProps) {
  const { roles } = useSession();
  const queries = useQueryClient();
  const [now, setNow] = useState<Now | null>(null);
  const name = String(thing['takeOperation'] ?? '');
  const id = name.charAt(0).toLowerCase() + name.slice(1);
  if (!isOperation(id) || !mayCall(id, roles)) return null;
  const taken = JSON.parse(String(thing['takeInput'])) as Input;
  const open = async () => setNow(await asItIs(operation(id), taken, roles));
  const settle = async () => {
    if (isRecorded(thing) && mayCall('settleConflict', roles))
      await ask('settleConflict', { conflict: String(thing['conflict']) }).catch(() => undefined);
    await queries.invalidateQueries();
  };
  return (
    <>
      <Button size="sm" onClick={() => void open()}>
        {SCREEN_TEXTS.takeOther}
      </Button>
      {now !== null && (
        <OperationForm
          id={id}
          {...now}
          proposed={taken}
          title={SCREEN_TEXTS.takeOther}
          about={aboutOf(thing)}
          onClose={() => setNow(null)}
          onDone={({ waitsAt }) => void (waitsAt === null ? settle() : undefined)}
        />
      )}
    </>
  );
}

/** Two of one name are no record: they stop being listed by themselves. */
const isRecorded = (thing: Thing) => thing['kind'] !== 'two of one name';

function aboutOf(thing: Thing): string {
  const [what = '', field = '', kept = '', other = ''] = ['what', 'field', 'kept', 'other'].map((name) =>
    String(thing[name] ?? ''),
  );
  return SCREEN_TEXTS.takeOtherText(what, field, kept, other);
}

/** What it is about as it is now, with its version, where it can be shown. */
async function asItIs({ path, inPath }: Operation, taken: Input, roles: readonly string[]): Promise<Now> {
  const named = Object.fromEntries(inPath.map((field) => [field, taken[field]]));
  const show = operations.find((one) => one.path === path && one.method === 'GET' && !one.isList);
  if (show === undefined || !mayCall(show.id, roles)) return { known: named, version: null };
  const answer = await call(show, named).catch(() => null);
  return { known: { ...(answer?.body as Input | undefined), ...named }, version: answer?.version ?? null };
}
