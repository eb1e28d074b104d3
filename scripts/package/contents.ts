import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { buildBundle } from '../build/bundle.ts';
import type { Plugin } from '../plugin.ts';
import { licensedPackages } from './licenses.ts';
import { type CarriedNode, nodePart } from './offline/carried-node.ts';
import { MOST_BYTES, type PackageFile, writeFiles } from './package-file.ts';
import { softwareList } from './sbom.ts';
import { filesOf } from './staging.ts';

/** What a package is made of. */
export interface Contents {
  readonly files: readonly PackageFile[];
  /** The list of all the software in it, as CycloneDX. */
  readonly sbom: string;
}

/**
 * Builds the bundle, and fills `dist/package/` of the plugin's folder with what ships.
 * @param node the Node.js that an offline package carries
 * @throws Error when a file is missing, a package in the bundle has no licence, or all is larger than hosts take
 */
export async function contentsOf(plugin: Plugin, node?: CarriedNode): Promise<Contents> {
  const bundle = await buildBundle(plugin);
  const files = await filesOf(plugin, bundle, node);
  const bytes = files.reduce((sum, { content }) => sum + content.length, 0);
  if (bytes > MOST_BYTES)
    throw new Error(`The package would hold ${bytes} bytes, and hosts take at most ${MOST_BYTES}.`);
  const folder = join(plugin.root, 'dist/package');
  await rm(folder, { recursive: true, force: true });
  writeFiles(files, folder);

  const packages = await licensedPackages(bundle.sources);
  const parts = [...packages.filter(({ within }) => within !== undefined), ...(node ? [nodePart(node)] : [])];
  return { files, sbom: await softwareList(bundle.metafile, plugin, parts) };
}
