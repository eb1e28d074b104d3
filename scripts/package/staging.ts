import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { assetsOf, readDeclaration } from '../../src/dify/declaration/read-declaration.ts';
import type { Bundle } from '../build/bundle.ts';
import { licensedPackages, licensesText } from './licenses.ts';
import type { PackageFile } from './package-file.ts';

/** The files of the project that ship under their own name. */
const DOCUMENTS = ['manifest.yaml', 'README.md', 'PRIVACY.md', 'LICENSE', 'CHANGELOG.md'];
/** The files of `launcher/`. They ship in the package's root, where a host starts `main.py`. */
const LAUNCHER = ['main.py', 'requirements.txt'];
/** The names of translated READMEs that hosts know. */
const TRANSLATION = /^README_[a-z]{2}_[A-Za-z]{2,}\.md$/;

/**
 * Fills a folder with what ships, and nothing else.
 * @param root the project
 * @param folder emptied first
 * @returns the files, as they lie in the folder
 * @throws Error when a file is missing, the declaration breaks a rule, or a bundled package has no licence
 */
export async function stage(root: string, bundle: Bundle, folder: string): Promise<readonly PackageFile[]> {
  const declaration = readDeclaration(root);
  const copies = new Map([
    ...[...DOCUMENTS, ...declaration.manifest.plugins.models].map(path => [path, path] as const),
    ...assetsOf(declaration).map(name => [`_assets/${name}`, `_assets/${name}`] as const),
    ...(await pictures(root)).map(path => [path, path] as const),
    ...(await translations(root)).map(name => [`readme/${name}`, `readme/${name}`] as const),
    ...LAUNCHER.map(name => [name, `launcher/${name}`] as const),
  ]);
  await rm(folder, { recursive: true, force: true });
  for (const [path, source] of copies) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await copyFile(join(root, source), join(folder, path));
  }
  await mkdir(join(folder, 'runtime'));
  await copyFile(bundle.file, join(folder, 'runtime/index.cjs'));
  await writeFile(
    join(folder, 'runtime/THIRD_PARTY_LICENSES.txt'),
    licensesText(await licensedPackages(bundle.sources)),
  );
  const paths = [...copies.keys(), 'runtime/index.cjs', 'runtime/THIRD_PARTY_LICENSES.txt'];
  return Promise.all(paths.sort().map(async path => ({ path, content: await readFile(join(folder, path)) })));
}

/** The pictures that the README shows, which hosts look for among the assets. */
async function pictures(root: string): Promise<readonly string[]> {
  const readme = await readFile(join(root, 'README.md'), 'utf8');
  return [...readme.matchAll(/\]\((?:\.\/)?(_assets\/[\w.-]+)\)/g)].map(([, path = '']) => path);
}

async function translations(root: string): Promise<readonly string[]> {
  const names = await readdir(root);
  return names.includes('readme')
    ? (await readdir(join(root, 'readme'))).filter(name => TRANSLATION.test(name))
    : [];
}
