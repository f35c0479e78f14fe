/** A process with the time part of a KMA in it, to be killed: `directory address server port`. It ends by itself never. */
import { TimePart } from './time-part.ts';
import { testTools } from './tools.fixture.ts';

const [directory = '', address = '', server = '', port = ''] = process.argv.slice(2);
const part = new TimePart({ ...testTools(address, 0), directory });
part.apply({ ntp: { server, port: Number(port) }, members: [] });
