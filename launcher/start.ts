import { subscribe } from 'node:diagnostics_channel';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Script } from 'node:vm';
import { crc32 } from 'node:zlib';

// What main.py starts Node.js with: runs the bundle beside it with the code that V8 made of it in an earlier process.
//
// Node.js can keep compiled code by itself (NODE_COMPILE_CACHE), but as it was before the module ran: without the
// functions that V8 compiles when they are first called, which are half of what a start and a first request compile.

/** Where the runtime says whether no session is open: when the first one begins, and when the last one has ended. */
const IDLE = 'dify.idle';
/** To look what was compiled holds all else up for 10 ms. So it is done when nobody has asked for a while, and seldom. */
const QUIET_MS = 1_000;
const NOT_AGAIN_FOR_MS = 60_000;
/** How much longer the code must be than the kept one to be written. */
const WORTH_WRITING = 1.02;
/** Checksums of the bundle and of the code stand before the code: V8 trusts both, and crashes where it should not. */
const HEAD_BYTES = 8;

type Bytes = Buffer<ArrayBuffer>;

const bundle = join(__dirname, 'index.cjs');
const kept = join(dirname(__dirname), 'compiled', `${process.arch}-${process.version}`);
/**
 * Where the kept code is until V8 has read it, at which it crashes where its checks let unfit code pass. The start after
 * that finds none, and compiles anew. It does not stay here longer, as hosts may kill at the first sign of life.
 */
const tried = `${kept}.tried`;

const program = readFileSync(bundle);
const checksum = crc32(program);
const cachedData = readKept(move(kept, tried) ? tried : kept);
const wrapped = Buffer.concat([
  Buffer.from('(function (exports, require, module, __filename, __dirname) {'),
  program,
  Buffer.from('\n})'),
]);
const source = wrapped.toString('latin1'); // it is ASCII
const script = new Script(source, { filename: bundle, ...(cachedData && { cachedData }) });
let keptBytes = script.cachedDataRejected ? 0 : (cachedData?.length ?? 0);
if (keptBytes > 0) move(tried, kept);

for (const bytes of [program, wrapped, cachedData]) release(bytes);

let nextLookAt = 0;
let look = keptBytes === 0 ? setTimeout(keep, QUIET_MS).unref() : undefined;
subscribe(IDLE, isIdle => {
  clearTimeout(look);
  if (isIdle && Date.now() >= nextLookAt) look = setTimeout(lookAgain, QUIET_MS).unref();
});

process.argv[1] = bundle;
const loaded = { exports: {} };
script.runInThisContext()(loaded.exports, createRequire(bundle), loaded, bundle, __dirname);

/** Frees memory at once: a collection, which would find the three megabytes, is long in coming in an idle process. */
function release(bytes: Bytes | undefined): void {
  if (bytes !== undefined && bytes.length > Buffer.poolSize) bytes.buffer.transfer(0);
}

/** Renames a file, if it is there and the folder is not read-only. @returns whether it did */
function move(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch {
    return false;
  }
}

/** The code that was kept for this bundle and this Node.js; V8 refuses one of other flags. */
function readKept(path: string): Bytes | undefined {
  try {
    const file = readFileSync(path);
    const code = file.subarray(HEAD_BYTES);
    return file.readUInt32LE(0) === checksum && file.readUInt32LE(4) === crc32(code) ? code : undefined;
  } catch {
    return undefined; // there is none, or no whole one
  }
}

/** After a session: it may have run code for the first time. */
function lookAgain(): void {
  nextLookAt = Date.now() + NOT_AGAIN_FOR_MS;
  keep();
}

/** Keeps what V8 has compiled so far, if that is more than is kept. */
function keep(): void {
  const code = script.createCachedData();
  if (code.length >= keptBytes * WORTH_WRITING) write(code);
  release(code);
}

/** Writes the code for the next start; where it cannot, that one compiles anew. */
function write(code: Bytes): void {
  keptBytes = code.length;
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32LE(checksum, 0);
  head.writeUInt32LE(crc32(code), 4);
  const temporary = `${kept}.${process.pid}`;
  try {
    // Not with the plugin's own folder, if that was removed: hosts unpack a plugin only where there is none, or an empty one.
    if (!existsSync(dirname(kept))) mkdirSync(dirname(kept));
    try {
      writeFileSync(temporary, head);
      appendFileSync(temporary, code);
      renameSync(temporary, kept);
    } finally {
      rmSync(temporary, { force: true });
    }
  } catch {}
}
