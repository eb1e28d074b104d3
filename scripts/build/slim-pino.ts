import type { Plugin } from 'esbuild';

/**
 * What pino loads for logs that go to a file, to another thread, or through a filter of fields. The plugin hands it a
 * destination of its own each time, so none of it is ever called.
 */
const UNUSED = /^(?:sonic-boom|thread-stream|on-exit-leak-free|@pinojs\/redact)$/;

/** `instanceof` asks about one of these, so each is a function. */
const LEFT_OUT = "module.exports = function leftOut() { throw new Error('is left out of the bundle'); };";

/** Asked for what `JSON.stringify` threw at; where this throws too, pino logs that the value cannot be serialized. */
const STRINGIFY = 'exports.configure = () => JSON.stringify;';

/** Leaves out of pino what the plugin has no use for: 70 kB. */
export function slimPino(): Plugin {
  return {
    name: 'slim-pino',
    setup(build) {
      build.onResolve({ filter: UNUSED }, ({ path }) => ({ path, namespace: 'slim-pino' }));
      build.onResolve({ filter: /^\.\/(?:lib\/)?transport$/ }, ({ path, importer }) =>
        /[\\/]node_modules[\\/]pino[\\/]/.test(importer) ? { path, namespace: 'slim-pino' } : undefined,
      );
      build.onResolve({ filter: /^safe-stable-stringify$/ }, ({ path }) => ({
        path,
        namespace: 'slim-pino',
      }));
      build.onLoad({ filter: /.*/, namespace: 'slim-pino' }, ({ path }) => ({
        contents: path === 'safe-stable-stringify' ? STRINGIFY : LEFT_OUT,
      }));
    },
  };
}
