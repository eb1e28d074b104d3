import { relative } from 'node:path';
import { parseArgs } from 'node:util';
import { buildBundle } from './build/bundle.ts';
import { readPlugin } from './plugin.ts';

// npm run build [-- FOLDER]: the bundle of a plugin, by default of this one.
const [folder] = parseArgs({ allowPositionals: true }).positionals;
const { file, bytes } = await buildBundle(readPlugin(folder));
console.log(`${relative(process.cwd(), file)}  ${bytes} bytes`);
