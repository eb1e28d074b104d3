import { join } from 'node:path';
import { buildBundle } from './build/bundle.ts';
import { projectRoot } from './project.ts';

const { bytes } = await buildBundle({
  entry: join(projectRoot, 'src/main.ts'),
  outfile: join(projectRoot, 'dist/runtime/index.cjs'),
});
console.log(`dist/runtime/index.cjs  ${bytes} bytes`);
