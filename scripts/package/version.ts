import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isObject } from '../../src/text/json.ts';

/**
 * That a plugin has one version: hosts read the one of `manifest.yaml`, and the plugin tells that of `package.json`.
 * @param root the plugin's folder; without a `package.json` there is nothing to differ from
 * @param version the manifest's
 * @throws Error that names both files, when they differ
 */
export function checkVersion(root: string, version: string): void {
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
