import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readDeclaration } from '../../src/dify/read-declaration.ts';
import { buildBundle } from '../build/bundle.ts';
import { packageChecksum } from './checksum.ts';
import type { PackageFile } from './package-file.ts';
import { stage } from './staging.ts';
import { zip } from './zip.ts';

/** A package that was written. */
export interface Package {
  readonly file: string;
  readonly bytes: number;
  readonly files: readonly PackageFile[];
  /** How hosts name it: `author/name:version@checksum`. */
  readonly identifier: string;
}

/**
 * Builds the bundle, fills `dist/package/` with what ships, and zips that.
 * @param root the project
 * @param out the file to write; by default `dist/<name>-<version>.difypkg`
 */
export async function makePackage(root: string, out?: string): Promise<Package> {
  const { author, name, version } = readDeclaration(root).manifest;
  const dist = join(root, 'dist');
  const bundle = await buildBundle({
    entry: join(root, 'src/main.ts'),
    outfile: join(dist, 'runtime/index.cjs'),
  });
  const files = await stage(root, bundle, join(dist, 'package'));
  const archive = zip(files);
  const file = out ?? join(dist, `${name}-${version}.difypkg`);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, archive);
  return {
    file,
    bytes: archive.length,
    files,
    identifier: `${author}/${name}:${version}@${packageChecksum(files)}`,
  };
}
