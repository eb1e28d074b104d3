import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A file of a package. */
export interface PackageFile {
  /** Relative, with forward slashes. */
  readonly path: string;
  readonly content: Uint8Array;
}

/** The most that hosts take, of what is unpacked as of the package itself. */
export const MOST_BYTES = 50 * 1024 * 1024;

/** The order of files in a package: that of the bytes of their paths, as Go sorts texts. */
export function byPath(a: PackageFile, b: PackageFile): number {
  return Buffer.compare(Buffer.from(a.path), Buffer.from(b.path));
}

/** Writes files into a folder, as a host unpacks a package. */
export function writeFiles(files: readonly PackageFile[], folder: string): void {
  for (const { path, content } of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}
