/** Three real KMAs of one cluster at loopback addresses of their own: one set up, two as a join leaves them. It makes no keys and no agents. */
import { dirname } from 'node:path';
import { freePort } from './free-port.ts';
import { TestKma } from './kma.ts';
import { makeMember } from './second-member.ts';

export interface ThreeKmas extends AsyncDisposable {
  readonly kmas: readonly [TestKma, TestKma, TestKma];
  readonly replicationPort: number;
}

/** All of them serve; what was begun is taken down where one does not. */
export async function startThree(hosts: readonly [string, string, string]): Promise<ThreeKmas> {
  const replicationPort = await freePort();
  const [own, two, three] = hosts;
  await using begun = new AsyncDisposableStack();
  const first = begun.use(await TestKma.start({ bare: true, host: own, replicationPort }));
  await first.stop();
  const joined = async (host: string) => ({
    host,
    path: await makeMember(first, { name: `kma-${host}`, host }),
  });
  const others = [await joined(two), await joined(three)] as const;
  await first.resume();
  const serve = async ({ host, path }: (typeof others)[number]) =>
    begun.use(await TestKma.on(path, dirname(path), { host, replicationPort }));
  const [second, third] = [await serve(others[0]), await serve(others[1])];
  const all = begun.move();
  return {
    kmas: [first, second, third],
    replicationPort,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}
