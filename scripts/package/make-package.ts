import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { buildBundle } from '../build/bundle.ts';
import type { Plugin } from '../plugin.ts';
import { packageChecksum } from './checksum.ts';
import { type PackageFile, writeFiles } from './package-file.ts';
import { signedZip, withVerification } from './signature.ts';
import { filesOf } from './staging.ts';
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

/** Builds the bundle, fills `dist/package/` of the plugin's folder with what ships, and zips that. */
export async function makePackage(plugin: Plugin, options: PackageOptions = {}): Promise<Package> {
  const files = await filesToShip(plugin);
  const file = options.out ?? join(plugin.root, 'dist', packageName(plugin));
  if (options.signKey === undefined) return writePackage(plugin, files, zip(files), file);
  const signed = withVerification(files);
  const time = Math.floor(Date.now() / 1000);
  return writePackage(plugin, signed, signedZip(signed, options.signKey, time), file);
}

/** Builds the bundle, and fills `dist/package/` of the plugin's folder with what ships. */
export async function filesToShip(plugin: Plugin): Promise<readonly PackageFile[]> {
  const files = await filesOf(plugin, await buildBundle(plugin));
  const folder = join(plugin.root, 'dist/package');
  await rm(folder, { recursive: true, force: true });
  writeFiles(files, folder);
  return files;
}

/** The name of a package's file. */
export function packageName({ declaration: { manifest } }: Plugin): string {
  const { name, version } = manifest;
  return `${name}-${version}.difypkg`;
}

/** Writes a package, and says how hosts will name it. */
export async function writePackage(
  { declaration: { manifest } }: Plugin,
  files: readonly PackageFile[],
  archive: Uint8Array,
  file: string,
): Promise<Package> {
  const { author, name, version } = manifest;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, archive);
  return {
    file,
    bytes: archive.length,
    files,
    identifier: `${author}/${name}:${version}@${packageChecksum(files)}`,
  };
}
