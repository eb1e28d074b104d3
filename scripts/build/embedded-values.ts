import type { Plugin } from 'esbuild';

/**
 * Puts values in the place of modules that read them from files. The bundle then carries neither the files nor the code
 * that reads them.
 * @param modules by absolute path: what the module exports, which is JSON
 */
export function embeddedValues(modules: Readonly<Record<string, Readonly<Record<string, unknown>>>>): Plugin {
  return {
    name: 'embedded-values',
    setup(build) {
      build.onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const exported = modules[path];
        if (exported === undefined) return undefined;
        const lines = Object.entries(exported).map(
          ([name, value]) => `export const ${name} = ${JSON.stringify(value, null, 2)};`,
        );
        return { contents: lines.join('\n') };
      });
    },
  };
}
