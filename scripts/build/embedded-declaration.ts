import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import type { Plugin } from 'esbuild';
import type { Declaration } from '../../src/dify/index.ts';
import { projectRoot } from '../project.ts';

const MODULE = join(projectRoot, 'src/dify/declaration/declaration.ts');

/**
 * Puts a plugin's declaration in the place of the module that reads it: the bundle then carries neither YAML nor its reader.
 * It is compressed, as its source lies beside the bundle, and a plugin may bring along many models: a fifteenth of it is left.
 */
export function embeddedDeclaration(declaration: Declaration): Plugin {
  const compressed = brotliCompressSync(JSON.stringify(declaration)).toString('base64');
  const contents = `import { brotliDecompressSync } from 'node:zlib';
let declaration;
export const declarationOf = () =>
  declaration ??= JSON.parse(brotliDecompressSync(Buffer.from('${compressed}', 'base64')));`;
  return {
    name: 'embedded-declaration',
    setup(build) {
      build.onLoad({ filter: /[\\/]declaration\.ts$/ }, ({ path }) =>
        path === MODULE ? { contents } : undefined,
      );
    },
  };
}
