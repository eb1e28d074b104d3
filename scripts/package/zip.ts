import { type Zippable, zipSync } from 'fflate';
import { byPath, type PackageFile } from './package-file.ts';

const UNIX = 3;
/** A regular file that its owner may write and everybody read. */
const MODE = 0o100_644;

/**
 * A zip of files: the same files give the same bytes, on every machine. It is deflated by fflate, as zlib's bytes
 * differ between the builds of Node.js.
 * @throws Error for a path that is not plain and relative, or that is there twice
 */
export function zip(files: readonly PackageFile[]): Uint8Array {
  const entries: Zippable = {};
  for (const { path, content } of [...files].sort(byPath)) {
    if (!isPlain(path)) throw new Error(`"${path}" is no path for a package.`);
    if (Object.hasOwn(entries, path)) throw new Error(`"${path}" is in the package twice.`);
    entries[path] = [content, { level: path.endsWith('.xz') ? 0 : 9 }];
  }
  // The first date that a zip can hold, in local time, as fflate takes it apart in local time.
  const mtime = new Date(1980, 0, 1);
  return zipSync(entries, { mtime, os: UNIX, attrs: MODE << 16 });
}

/** Whether each part between the slashes is a name. A host takes every entry for a file, and refuses `..`. */
export function isPlain(path: string): boolean {
  return path.split('/').every(part => /^[\w.-]+$/.test(part) && part !== '.' && part !== '..');
}
