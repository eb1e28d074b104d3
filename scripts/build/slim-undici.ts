import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import type { Plugin, PluginBuild } from 'esbuild';

/** What the project uses of undici, and the file of its package that holds it. */
const EXPORTS: Readonly<Record<string, string>> = {
  Client: './lib/dispatcher/client.js',
  EnvHttpProxyAgent: './lib/dispatcher/env-http-proxy-agent.js',
  Dispatcher: './lib/dispatcher/dispatcher.js',
  buildConnector: './lib/core/connect.js',
  errors: './lib/core/errors.js',
};

/** Loads a file when its export is first read: a process without a proxy never evaluates the proxy agent. */
const LAZY_INDEX = `
// undici's own index gives the dispatchers connect() in the same way, which proxies need; the plugin itself dispatches.
require('./lib/dispatcher/dispatcher.js').prototype.connect = function (...call) {
  return require('./lib/api/api-connect.js').apply(this, call);
};
Object.defineProperties(exports, {
  ${Object.entries(EXPORTS)
    .map(([name, file]) => `${name}: { enumerable: true, get: () => require('${file}') }`)
    .join(',\n  ')}
});`;

/** From this ES module esbuild refuses to import a name that it lacks; from the one above it would be `undefined`. */
const INDEX = `export { ${Object.keys(EXPORTS).join(', ')} } from 'undici/lazy';`;

/** The HTTP/2 client: 48 kB, and `node:http2`, for connections that are all told to be HTTP/1. */
const HTTP2 = "module.exports = () => { throw new Error('HTTP/2 is left out'); };";

/** What undici takes of `node:http`, which is a megabyte and 5 ms of CPU: a class to compare with, and Node's own bound. */
const HTTP = 'exports.IncomingMessage = class {}; exports.maxHeaderSize = 16384;';

/** What undici takes of `node:assert`, which is half a megabyte and 1.5 ms of CPU. */
const ASSERT =
  "module.exports = (holds, message) => { if (!holds) throw new Error(message ?? 'undici: an assertion failed'); };";

/**
 * What undici asks about a request's body before it loads its own FormData. It takes instances of that class alone,
 * and nobody can make one, as the index does not export it.
 */
const FORM_DATA = 'exports.webidl = { is: { FormData: () => false } };';

/**
 * Puts an index with a few exports in the place of undici's own, which loads fetch, WebSocket, caches and mocks too,
 * its streams and promises, and leaves out what is then out of reach. That is two thirds of its code.
 */
export function slimUndici(): Plugin {
  return {
    name: 'slim-undici',
    setup(build) {
      // undici has a second HTTP/1 parser of 200 kB that is off by default. Node.js leaves it out of its own in this way.
      build.initialOptions.define = { ...build.initialOptions.define, esbuildDetection: 'true' };
      replace(build, /^undici$/, 'index', INDEX);
      replace(build, /^undici\/lazy$/, 'lazy-index', LAZY_INDEX);
      replace(build, /^\.\/client-h2\.js$/, 'http2', HTTP2);
      replace(build, /^\.\.\/web\//, 'form-data', FORM_DATA);
      replace(build, /^node:http$/, 'http', HTTP);
      replace(build, /^node:assert$/, 'assert', ASSERT);
      compressParsers(build);
      keepConstants(build);
    },
  };
}

const require = createRequire(import.meta.url);
const packageFolder = dirname(require.resolve('undici'));
const namespace = 'slim-undici';

/** Puts code in the place of what is imported by these names; a relative one, or one of Node.js, inside of undici alone. */
function replace(build: PluginBuild, names: RegExp, path: string, contents: string): void {
  build.onResolve({ filter: names }, ({ path: name, importer }) =>
    /^\.|^node:/.test(name) && !importer.startsWith(packageFolder + sep) ? undefined : { path, namespace },
  );
  build.onLoad({ filter: new RegExp(`^${path}$`), namespace }, () => ({
    contents,
    resolveDir: packageFolder,
  }));
}

/**
 * undici's two HTTP/1 parsers, with SIMD and without, are base64 of 72 kB each. Compressed they are 20 kB, for half a
 * millisecond before the first request.
 */
function compressParsers(build: PluginBuild): void {
  build.onLoad({ filter: /undici[\\/]lib[\\/]llhttp[\\/]llhttp(?:_simd)?-wasm\.js$/ }, ({ path }) => {
    const compressed = brotliCompressSync(require(path) as Buffer).toString('base64');
    return {
      contents: `module.exports = require('node:zlib').brotliDecompressSync(Buffer.from('${compressed}', 'base64'));`,
    };
  });
}

/** Of the parser's constants, which are 14 kB of tables that each process made, those that its only user names. */
function keepConstants(build: PluginBuild): void {
  build.onLoad({ filter: /undici[\\/]lib[\\/]llhttp[\\/]constants\.js$/ }, ({ path }) => {
    const user = readFileSync(join(packageFolder, 'lib/dispatcher/client-h1.js'), 'utf8');
    const used = new Set([...user.matchAll(/\bconstants\.(\w+)/g)].map(([, name]) => name));
    const kept = Object.entries(require(path) as object).filter(([name]) => used.has(name));
    return { contents: `module.exports = ${JSON.stringify(Object.fromEntries(kept))};` };
  });
}
