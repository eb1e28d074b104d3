import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Declaration } from '../../declaration/read-declaration.ts';
import { StartError } from '../../start-error.ts';

/** Bytes of a file in one line. */
const CHUNK_BYTES = 64 * 1024;

/** A file of `_assets`. */
export interface Asset {
  readonly filename: string;
  readonly data: Buffer;
}

/**
 * The files of the folder `_assets`, but for hidden ones.
 * @throws StartError when there is no such folder
 */
export async function readAssets(folder: string): Promise<readonly Asset[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw new StartError(`The folder of the plugin's icons, ${folder}, cannot be read.`, { cause });
  });
  const names = entries
    .filter(entry => entry.isFile() && !entry.name.startsWith('.'))
    .map(({ name }) => name);
  const assets = names.sort().map(async filename => ({
    filename,
    data: await readFile(join(folder, filename)),
  }));
  return Promise.all(assets);
}

/** The line by which a debugging host knows the workspace. It must come within 10 s of connecting. */
export function handshakeLine(key: string): string {
  return line('handshake', { key });
}

/**
 * The lines that tell a debugging host what the plugin is, in the order that it demands. An empty file has no line: it
 * takes no chunk without data.
 */
export function* declarationLines(
  { manifest, provider }: Declaration,
  assets: readonly Asset[],
): Generator<string> {
  yield line('manifest_declaration', manifest);
  yield line('model_declaration', [provider]);
  for (const { filename, data } of assets) {
    for (let start = 0; start < data.length; start += CHUNK_BYTES) {
      const end = start + CHUNK_BYTES;
      const chunk = data.toString('base64', start, Math.min(end, data.length));
      yield line('asset_chunk', { filename, data: chunk, end: end >= data.length });
    }
  }
  yield line('end', {});
}

function line(type: string, data: unknown): string {
  return JSON.stringify({ type, data });
}
