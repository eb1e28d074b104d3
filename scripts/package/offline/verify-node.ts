import { createHash } from 'node:crypto';
import { isObject } from '../../../src/text/json.ts';
import { textOf } from '../checks/check.ts';
import type { PackageFile } from '../package-file.ts';
import { ARCHIVE } from './carried-node.ts';
import { SYSTEMS, systemOf } from './systems.ts';
import { decompress } from './xz.ts';

/**
 * Checks that the Node.js that a package carries is npm's, byte for byte.
 * @returns a sentence that says so; undefined of a package that carries none
 * @throws Error when it is another one, damaged, or not the one that the launcher is told of
 */
export async function verifyNode(files: readonly PackageFile[]): Promise<string | undefined> {
  const facts = /^NODE = (.*)$/m.exec(textOf(files, 'node_launcher/facts.py') ?? '')?.[1] ?? 'None';
  const archive = files.find(({ path }) => path === ARCHIVE);
  if (archive === undefined && facts === 'None') return undefined;
  if (archive === undefined || facts === 'None')
    throw new Error('The launcher and the package do not agree whether it carries a Node.js.');
  const told: unknown = JSON.parse(facts);
  const { system: name, sha256 } = isObject(told) ? told : {};
  const system = systemOf(String(name));
  const release = SYSTEMS[system];
  const found = createHash('sha256')
    .update(await decompress(archive.content))
    .digest('hex');
  if (found !== release.sha256 || found !== sha256)
    throw new Error(
      `The Node.js in it is not the one of the npm package ${release.name} ${release.version}.`,
    );
  return `It carries Node.js ${release.version} for ${system}, which is the program of the npm package ${release.name}.`;
}
