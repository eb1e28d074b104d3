import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Plugin } from '../plugin.ts';
import { packageChecksum } from './checksum.ts';
import { type Contents, contentsOf } from './contents.ts';
import { carriedNode } from './offline/carried-node.ts';
import { nodeProgram } from './offline/node-program.ts';
import type { System } from './offline/systems.ts';
import type { PackageFile } from './package-file.ts';
import { signedZip, withVerification } from './signature.ts';
import { zip } from './zip.ts';

/** A package that was written. */
export interface Package {
  readonly file: string;
  /** The list of its software, in CycloneDX. */
  readonly sbomFile: string;
  readonly bytes: number;
  readonly files: readonly PackageFile[];
  /** How hosts name it: `author/name:version@checksum`. */
  readonly identifier: string;
}

/** How a package is made. */
export interface PackageOptions {
  /** The file to write; by default `dist/<name>-<version>.difypkg` in the plugin's folder. */
  readonly out?: string | undefined;
  /** A private RSA key as PEM, to sign the package with. */
  readonly signKey?: string | undefined;
  /** The machines that a package is for which carries its Node.js. */
  readonly system?: System | undefined;
}

/** Makes a package, and the list of its software beside it. */
export async function makePackage(plugin: Plugin, options: PackageOptions = {}): Promise<Package> {
  const { system, signKey } = options;
  const node = system && (await carriedNode(system, await nodeProgram(system)));
  const contents = await contentsOf(plugin, node);
  const file = options.out ?? join(plugin.root, 'dist', packageName(plugin, system));
  if (signKey === undefined) return writePackage(plugin, contents, zip(contents.files), file);
  const files = withVerification(contents.files);
  const time = Math.floor(Date.now() / 1000);
  return writePackage(plugin, { ...contents, files }, signedZip(files, signKey, time), file);
}

/** The name of a package's file. */
export function packageName({ declaration: { manifest } }: Plugin, system?: System): string {
  const { name, version } = manifest;
  return `${name}-${version}${system === undefined ? '' : `-offline-${system}`}.difypkg`;
}

/** Writes a package and the list of its software, and says how hosts will name it. */
export async function writePackage(
  { declaration: { manifest } }: Plugin,
  { files, sbom }: Contents,
  archive: Uint8Array,
  file: string,
): Promise<Package> {
  const { author, name, version } = manifest;
  const sbomFile = `${file.replace(/\.difypkg$/, '')}.cdx.json`;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, archive);
  await writeFile(sbomFile, sbom);
  return {
    file,
    sbomFile,
    bytes: archive.length,
    files,
    identifier: `${author}/${name}:${version}@${packageChecksum(files)}`,
  };
}
