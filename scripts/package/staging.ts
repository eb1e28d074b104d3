import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseDocument } from 'yaml';
import type { ProviderFile } from '../../src/dify/declaration/provider.schemas.ts';
import { assetsOf } from '../../src/dify/declaration/read-declaration.ts';
import type { Bundle } from '../build/bundle.ts';
import type { Plugin } from '../plugin.ts';
import { projectRoot } from '../project.ts';
import { launcherFiles } from './launcher.ts';
import { licensedPackages, licensesText } from './licenses.ts';
import type { CarriedNode } from './offline/carried-node.ts';
import { byPath, type PackageFile } from './package-file.ts';

/** The names of translated READMEs that hosts know. */
const TRANSLATION = /^README_[a-z]{2}_[A-Za-z]{2,}\.md$/;

/**
 * What ships of a plugin, and nothing else, in the order of the package.
 * @param node the Node.js that an offline package carries
 * @throws Error when a file is missing, or a bundled package has no licence
 */
export async function filesOf(
  { root, name, declaration }: Plugin,
  bundle: Bundle,
  node?: CarriedNode,
): Promise<readonly PackageFile[]> {
  const { plugins } = declaration.manifest;
  const readme = readFileSync(readmeOf(root));
  const paths = new Set([
    'PRIVACY.md',
    ...['CHANGELOG.md'].filter(path => existsSync(join(root, path))),
    ...plugins.models,
    ...plugins.models.flatMap(file => modelFiles(root, file)),
    ...assetsOf(declaration).map(asset => `_assets/${asset}`),
    ...picturesIn(readme.toString('utf8')),
    ...translations(root),
  ]);
  const own = [...paths].map(path => ({ path, content: readFileSync(join(root, path)) }));
  const licenses = licensesText(await licensedPackages(bundle.sources));
  return [
    ...own,
    { path: 'README.md', content: readme },
    { path: 'manifest.yaml', content: manifestOf(root, node) },
    { path: 'LICENSE', content: readFileSync(licenseOf(root)) },
    ...launcherFiles({ name, bundleBytes: bundle.bytes, node }),
    ...(node?.files ?? []),
    { path: 'runtime/index.cjs', content: readFileSync(bundle.file) },
    { path: 'runtime/THIRD_PARTY_LICENSES.txt', content: Buffer.from(licenses) },
  ].sort(byPath);
}

/** An offline package says in its manifest for which machine it is. */
function manifestOf(root: string, node: CarriedNode | undefined): Uint8Array {
  const content = readFileSync(join(root, 'manifest.yaml'));
  if (node === undefined) return content;
  const manifest = parseDocument(content.toString('utf8'));
  manifest.setIn(['meta', 'arch'], [node.system.split('-').at(-1)]);
  return Buffer.from(manifest.toString({ lineWidth: 0 }));
}

/** A plugin without a licence of its own is under that of the project, whose runtime it holds. */
function licenseOf(root: string): string {
  const own = join(root, 'LICENSE');
  return existsSync(own) ? own : join(projectRoot, 'LICENSE');
}

/** The files of the models that a provider brings along, and of their order. */
function modelFiles(root: string, providerFile: string): readonly string[] {
  const { models = {} } = parse(readFileSync(join(root, providerFile), 'utf8')) as ProviderFile;
  return Object.values(models).flatMap(({ position, predefined = [] }) => [
    ...(position === undefined ? [] : [position]),
    ...globSync(predefined, { cwd: root }).map(path => path.replaceAll('\\', '/')),
  ]);
}

/** Hosts show it to users. Where there is one for them, beside its translations, the one at the top is for developers. */
function readmeOf(root: string): string {
  const forUsers = join(root, 'readme/README.md');
  return existsSync(forUsers) ? forUsers : join(root, 'README.md');
}

/** The pictures that the README shows, which hosts look for among the assets. */
function picturesIn(readme: string): readonly string[] {
  return [...readme.matchAll(/\]\((?:\.\/)?(_assets\/[\w.-]+)\)/g)].map(([, path = '']) => path);
}

function translations(root: string): readonly string[] {
  const folder = join(root, 'readme');
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names.filter(name => TRANSLATION.test(name)).map(name => `readme/${name}`);
}
