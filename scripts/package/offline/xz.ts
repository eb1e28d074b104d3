import { spawn } from 'node:child_process';
import { buffer } from 'node:stream/consumers';
import { findPython } from '../../python.ts';

/** 30 MB of the 126 of Node.js, in 40 s. The levels above are no smaller by more than a hundredth. */
const LEVEL = 6;

/** All of the settings, so that the same version of the library gives the same bytes. The launcher has a hash of its own. */
const COMPRESS = `
import lzma, sys
filters = [{"id": lzma.FILTER_LZMA2, "preset": int(sys.argv[1])}]
sys.stdout.buffer.write(lzma.compress(sys.stdin.buffer.read(), lzma.FORMAT_XZ, lzma.CHECK_CRC32, filters=filters))
`;
const DECOMPRESS = `
import lzma, sys
sys.stdout.buffer.write(lzma.decompress(sys.stdin.buffer.read(), lzma.FORMAT_XZ))
`;

/** Compresses with Python's `lzma`, which is what the launcher unpacks with. */
export function compress(bytes: Uint8Array, level: number = LEVEL): Promise<Buffer> {
  return throughPython([COMPRESS, String(level)], bytes);
}

/** @throws Error when the bytes are no xz, or not whole */
export function decompress(bytes: Uint8Array): Promise<Buffer> {
  return throughPython([DECOMPRESS], bytes);
}

async function throughPython(program: readonly string[], bytes: Uint8Array): Promise<Buffer> {
  const python = await findPython('import lzma');
  const child = spawn(python, ['-c', ...program], { stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.on('error', () => undefined); // it has given up, and says why
  child.stdin.end(bytes);
  const exit = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  const [code, output, words] = await Promise.all([exit, buffer(child.stdout), buffer(child.stderr)]);
  if (code === 0) return output;
  throw new Error(`Python's lzma failed: ${words.toString('utf8').trim().split('\n').at(-1)}`);
}
