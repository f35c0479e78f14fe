/** Whether somebody listens there now. */
import { once } from 'node:events';
import { connect } from 'node:net';

export async function accepts(host: string, port: number): Promise<boolean> {
  const socket = connect(port, host);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
