import { readFile } from 'node:fs/promises';
import { type Plugin, transform } from 'esbuild';

/**
 * Takes the comments out of the packages' code and writes it in fewer words: a fifth of the bundle. The project's own
 * code stays as it is, for whoever reads the bundle; esbuild's own settings know no such difference.
 */
export function tersePackages(): Plugin {
  return {
    name: 'terse-packages',
    setup(build) {
      const { define = {} } = build.initialOptions;
      build.onLoad({ filter: /[\\/]node_modules[\\/].*\.[cm]?js$/ }, async ({ path }) => ({
        contents: await terse(await readFile(path, 'utf8'), define),
      }));
    },
  };
}

/**
 * The same code without comments and in fewer words. Names stay; the bundle gets its line breaks back.
 * @param define what names stand for, as esbuild must know it before it rewrites a condition on one
 */
export async function terse(code: string, define: Readonly<Record<string, string>> = {}): Promise<string> {
  const options = {
    minifySyntax: true,
    minifyWhitespace: true,
    charset: 'utf8',
    legalComments: 'none',
  } as const;
  const transformed = await transform(code, { ...options, define });
  return transformed.code;
}
