import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** A package whose code is in the bundle. */
export interface LicensedPackage {
  readonly name: string;
  /** Undefined where nobody says it. */
  readonly version?: string | undefined;
  /** The package that carries it, where it is none of its own. */
  readonly within?: string | undefined;
  /** As its `package.json` says, for example `MIT`. */
  readonly license: string;
  /** Its licence files in full. */
  readonly text: string;
}

/** Code of others that a package carries without its notice: by a part of the path. */
const WITHIN = [
  {
    name: 'llhttp',
    license: 'MIT',
    path: /[\\/](undici)[\\/]lib[\\/]llhttp[\\/]/,
    notice: 'notices/llhttp.txt',
  },
];

/**
 * The packages that files belong to, by name.
 * @param sources absolute paths; those outside of `node_modules` are the project's own
 * @throws Error for a package that does not say its licence or does not carry its text
 */
export async function licensedPackages(sources: readonly string[]): Promise<readonly LicensedPackage[]> {
  const folders = new Map<string, Set<string>>(); // of each package: those with files in the bundle, and their parents
  for (const source of sources) {
    const root = /^.*[\\/]node_modules[\\/](@[^\\/]+[\\/])?[^\\/]+/.exec(source)?.[0];
    if (root === undefined) continue;
    const inside = folders.get(root) ?? new Set([root]);
    for (let folder = dirname(source); folder.length > root.length; folder = dirname(folder))
      inside.add(folder);
    folders.set(root, inside);
  }
  const packages = await Promise.all(
    [...folders].map(([root, inside]) => readPackage(root, [...inside].sort())),
  );
  return [...packages, ...carriedWithin(sources)].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** What `THIRD_PARTY_LICENSES.txt` says. */
export function licensesText(packages: readonly LicensedPackage[]): string {
  const parts = packages.map(({ name, version, within, license, text }) => {
    const what = [name, version, within && `within ${within}`].filter(word => word !== undefined).join(' ');
    return `${'-'.repeat(80)}\n${what} (${license})\n\n${text}\n`;
  });
  return ['runtime/index.cjs contains code of these packages.\n', ...parts].join('\n');
}

function carriedWithin(sources: readonly string[]): readonly LicensedPackage[] {
  return WITHIN.flatMap(({ name, license, path, notice }) => {
    const within = sources.map(source => path.exec(source)?.[1]).find(found => found !== undefined);
    if (within === undefined) return [];
    return [{ name, within, license, text: readFileSync(join(import.meta.dirname, notice), 'utf8').trim() }];
  });
}

async function readPackage(root: string, folders: readonly string[]): Promise<LicensedPackage> {
  const { name, version, license } = JSON.parse(
    await readFile(join(root, 'package.json'), 'utf8'),
  ) as PackageJson;
  const texts = await Promise.all(folders.map(licenseFiles));
  const text = texts.flat().join('\n\n');
  if (license === undefined || text === '') throw new Error(`${name} ${version} does not carry its licence.`);
  return { name, version, license, text };
}

interface PackageJson {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
}

async function licenseFiles(folder: string): Promise<readonly string[]> {
  const names = (await readdir(folder))
    .filter(name => /^(licen[cs]e|copying|notice)([.-]|$)/i.test(name))
    .sort();
  const texts = await Promise.all(names.map(name => readFile(join(folder, name), 'utf8')));
  return texts.map(text => text.trim().replaceAll('\r\n', '\n'));
}
