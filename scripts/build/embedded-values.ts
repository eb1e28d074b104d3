import { pathToFileURL } from 'node:url';
import type { Plugin } from 'esbuild';

/**
 * Puts the exported values, as they are at build time, in the place of these modules. The bundle then carries neither
 * the files that they read nor the code that reads them.
 * @param modules absolute paths; whatever such a module exports is JSON
 */
export function embeddedValues(modules: readonly string[]): Plugin {
  return {
    name: 'embedded-values',
    setup(build) {
      build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        if (!modules.includes(path)) return undefined;
        const exported: Record<string, unknown> = await import(pathToFileURL(path).href);
        const lines = Object.entries(exported).map(
          ([name, value]) => `export const ${name} = ${JSON.stringify(value, null, 2)};`,
        );
        return { contents: lines.join('\n') };
      });
    },
  };
}
