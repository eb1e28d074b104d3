import { join, resolve } from 'node:path';
import type { Plugin } from '../../plugin.ts';
import { projectRoot } from '../../project.ts';
import { makePackage, type Package, type PackageOptions } from '../make-package.ts';
import { serverModels } from './server-models.ts';
import { hostSlug, serverPlugin } from './server-plugin.ts';

/**
 * Makes a package that brings along the models of one server, `dist/<name>-<version>-<host>.difypkg`.
 * @param apiKey for the server; empty where it asks for none. It does not enter the package
 * @throws Error when the server cannot be used, or runs no model that Dify can use
 */
export async function makeServerPackage(
  plugin: Plugin,
  server: string,
  apiKey: string,
  options: PackageOptions,
): Promise<Package> {
  if (plugin.root !== resolve(projectRoot))
    throw new Error('--models-of asks the servers that this plugin knows: leave out the folder.');
  const found = await serverModels(server, apiKey);
  const host = hostSlug(found.url);
  const made = serverPlugin(plugin, found, join(plugin.root, 'dist/one-server', host));
  const { name, version } = plugin.declaration.manifest;
  const offline = options.system === undefined ? '' : `-offline-${options.system}`;
  const out = options.out ?? join(plugin.root, 'dist', `${name}-${version}-${host}${offline}.difypkg`);
  return makePackage(made, { ...options, out });
}
