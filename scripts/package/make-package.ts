import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Declaration, readDeclaration } from '../../src/dify/declaration/read-declaration.ts';
import { buildBundle } from '../build/bundle.ts';
import { packageChecksum } from './checksum.ts';
import type { PackageFile } from './package-file.ts';
import { signedZip, withVerification } from './signature.ts';
import { stage } from './staging.ts';
import { checkVersion } from './version.ts';
import { zip } from './zip.ts';

/** A package that was written. */
export interface Package {
  readonly file: string;
  readonly bytes: number;
  readonly files: readonly PackageFile[];
  /** How hosts name it: `author/name:version@checksum`. */
  readonly identifier: string;
}

/** How a package is made. */
export interface PackageOptions {
  /** The file to write; by default `dist/<name>-<version>.difypkg`. */
  readonly out?: string | undefined;
  /** A private RSA key as PEM, to sign the package with. */
  readonly signKey?: string | undefined;
}

/** Builds the bundle, fills `dist/package/` with what ships, and zips that. */
export async function makePackage(root: string, options: PackageOptions = {}): Promise<Package> {
  const { manifest } = readDeclaration(root);
  const files = await filesToShip(root);
  const file = options.out ?? join(root, 'dist', packageName(manifest));
  if (options.signKey === undefined) return writePackage(manifest, files, zip(files), file);
  const signed = withVerification(files);
  const time = Math.floor(Date.now() / 1000);
  return writePackage(manifest, signed, signedZip(signed, options.signKey, time), file);
}

/**
 * Builds the bundle, and fills `dist/package/` with what ships.
 * @throws Error when a file is missing, the declaration breaks a rule, or the version is not the same everywhere
 */
export async function filesToShip(root: string): Promise<readonly PackageFile[]> {
  checkVersion(root, readDeclaration(root).manifest.version);
  const dist = join(root, 'dist');
  const bundle = await buildBundle({
    entry: join(root, 'src/main.ts'),
    outfile: join(dist, 'runtime/index.cjs'),
  });
  return stage(root, bundle, join(dist, 'package'));
}

/** The name of a package's file. */
export function packageName({ name, version }: Declaration['manifest']): string {
  return `${name}-${version}.difypkg`;
}

/** Writes a package, and says how hosts will name it. */
export async function writePackage(
  { author, name, version }: Declaration['manifest'],
  files: readonly PackageFile[],
  archive: Uint8Array,
  file: string,
): Promise<Package> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, archive);
  return {
    file,
    bytes: archive.length,
    files,
    identifier: `${author}/${name}:${version}@${packageChecksum(files)}`,
  };
}
