/** One request of a caller who is known, over a listener for people: reads it, has it answered and writes the answer. It proves nobody. */
import type { ManagerOrigin } from '../../processes/management-messages.ts';
import { closeAfter } from '../http-turns.ts';
import { answerManagement } from './answer.ts';
import type { ManagementLink } from './link.ts';
import { bodyOf, type Exchange, hasBody, respond, respondInPieces } from './people-listener.ts';
import type { Router } from './routes.ts';

/** `forget` is called before the answer to somebody who is nobody any more. */
export async function serveKnownCaller(
  exchange: Exchange,
  origin: ManagerOrigin,
  { link, router }: { readonly link: ManagementLink; readonly router: Router },
  forget: () => void = () => undefined,
): Promise<void> {
  const { request, response, socket, connections, draining } = exchange;
  const body = await bodyOf(link, exchange);
  if (body === null) return;
  connections.busy(socket);
  const { method = '', url = '', headers } = request;
  const whole = { method, url, headers, body: hasBody(request) ? body : null };
  const { known, ...answer } = await answerManagement(whole, origin, router, link);
  if (!known) forget();
  if (!known || draining()) closeAfter(request, response);
  if ('pieces' in answer) await respondInPieces(response, answer);
  else respond(response, answer);
}
