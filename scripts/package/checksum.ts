import { createHash } from 'node:crypto';
import type { PackageFile } from './package-file.ts';
import { byPath } from './package-file.ts';

/**
 * The checksum by which a host knows a package: over the files in the order of their paths, of the hash of each path
 * and the hash of its content. How they are zipped makes no difference.
 * @returns SHA-256 in hexadecimal
 */
export function packageChecksum(files: readonly PackageFile[]): string {
  const hashes = [...files].sort(byPath).flatMap(({ path, content }) => [sha256(path), sha256(content)]);
  return sha256(Buffer.concat(hashes)).toString('hex');
}

function sha256(data: string | Uint8Array): Buffer {
  return createHash('sha256').update(data).digest();
}
