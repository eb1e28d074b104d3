import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Declaration, readDeclaration } from '../src/dify/declaration/read-declaration.ts';
import { isObject } from '../src/text/json.ts';
import { projectRoot } from './project.ts';

/** A plugin that can be built, packaged and debugged. */
export interface Plugin {
  /** Its folder, with `manifest.yaml`, `provider/`, `_assets/` and its documents. */
  readonly root: string;
  /** What its messages begin with, and the variable is made of that names its Node.js: as in the manifest. */
  readonly name: string;
  /** The program that serves a host. */
  readonly entry: string;
  readonly declaration: Declaration;
}

/** Where a plugin's program may be, below its folder. */
const ENTRIES = ['src/main.ts', 'main.ts'];

/**
 * Reads the plugin of a folder.
 * @param folder by default this project's own plugin; a relative path counts from the working folder
 * @param program by default the one in the folder
 * @throws Error when it has no program, its declaration breaks a rule, or its version is not the same everywhere
 */
export function readPlugin(folder: string = projectRoot, program?: string): Plugin {
  const root = resolve(folder);
  if (!existsSync(join(root, 'manifest.yaml')))
    throw new Error(`${folder} is no folder of a plugin: it has no manifest.yaml.`);
  const declaration = readDeclaration(root);
  checkVersion(root, declaration.manifest.version);
  const entry = program ?? ENTRIES.map(path => join(root, path)).find(path => existsSync(path));
  if (entry === undefined) throw new Error(`${folder} has no program: neither ${ENTRIES.join(' nor ')}.`);
  return { root, name: declaration.manifest.name, entry, declaration };
}

/** That hosts, who read `manifest.yaml`, and npm, which reads `package.json`, see one version; a plugin may have no `package.json`. */
function checkVersion(root: string, version: string): void {
  const file = join(root, 'package.json');
  if (!existsSync(file)) return;
  const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
  const other = isObject(value) ? value['version'] : undefined;
  if (other !== version) {
    throw new Error(
      `manifest.yaml has the version ${version}, package.json ${String(other)}: they must be the same.`,
    );
  }
}
