/** `npm start`: the demonstration with the web Manager. Where its pages cannot be built the KMAs run without them. */
import { buildManager } from './build-manager.ts';

buildManager();
await import('../src/cli/demo.ts');
