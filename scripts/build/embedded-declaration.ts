import { join } from 'node:path';
import type { Plugin } from 'esbuild';
import type { Declaration } from '../../src/dify/index.ts';
import { projectRoot } from '../project.ts';

const MODULE = join(projectRoot, 'src/dify/declaration/declaration.ts');

/** Puts a plugin's declaration in the place of the module that reads it: the bundle then carries neither YAML nor its reader. */
export function embeddedDeclaration(declaration: Declaration): Plugin {
  // One text: as an object, esbuild would fill 15 kB with its indents.
  const json = JSON.stringify(declaration);
  return {
    name: 'embedded-declaration',
    setup(build) {
      build.onLoad({ filter: /[\\/]declaration\.ts$/ }, ({ path }) =>
        path === MODULE
          ? { contents: `export const declarationOf = () => JSON.parse(${JSON.stringify(json)});` }
          : undefined,
      );
    },
  };
}
