import { run } from './bootstrap.mjs';

await run('main', 'chaos');
