import { checkPackage, findingLine } from '../../../scripts/package/checks/checks.ts';
import type { PackageFile } from '../../../scripts/package/package-file.ts';

const manifest = `version: 1.2.3
type: plugin
author: someone
repo: https://github.com/someone/some-plugin
contact: someone@example.org
name: some-plugin
label: {en_US: Some plugin}
description: {en_US: It does something}
icon: icon.svg
icon_dark: dark.svg
privacy: PRIVACY.md
plugins: {models: [provider/some.yaml]}
meta:
  version: 0.0.1
  arch: [amd64, arm64]
  runner: {language: python, version: "3.12", entrypoint: main}
  minimum_dify_version: 1.6.0
`;

/** A package that nothing can be said against. */
export const good: Readonly<Record<string, string>> = {
  'manifest.yaml': manifest,
  'README.md':
    '# Some plugin\n\nInstall it, use it, give it an API key, connect it.\n\n```\n中文\n```\n\nhttps://github.com/someone/some-plugin\n',
  'PRIVACY.md': 'Nothing is stored.\n',
  'CHANGELOG.md':
    '# Changelog\n\n## [1.2.3] - 2026-01-02\n\n### Added\n\n- Something.\n\n[1.2.3]: https://example.org\n',
  'requirements.txt': '# a comment\n--only-binary some-wheel\nsome-wheel>=1,<2 # why\n',
  '_assets/icon.svg': '<svg/>',
  '_assets/dark.svg': '<svg/>',
  'readme/README_zh_Hans.md': '# 插件\n',
  'main.py': 'token = credentials.get("api_key")\n',
};

/** The findings on the good package after some of its files were changed, added or (undefined) taken out. */
export function findingsWith(changes: Readonly<Record<string, string | Uint8Array | undefined>>): string[] {
  return checkPackage(packageOf({ ...good, ...changes })).map(findingLine);
}

export function packageOf(
  contents: Readonly<Record<string, string | Uint8Array | undefined>>,
): PackageFile[] {
  return Object.entries(contents).flatMap(([path, content]) =>
    content === undefined
      ? []
      : [{ path, content: typeof content === 'string' ? Buffer.from(content) : content }],
  );
}

export function manifestWith(from: string | RegExp, to: string): { 'manifest.yaml': string } {
  const changed = manifest.replace(from, to);
  if (changed === manifest) throw new Error(`There is no ${String(from)} in the manifest.`);
  return { 'manifest.yaml': changed };
}

/** A change to the good package, and the line that it leads to. */
export type BadCase = [what: string, changes: Parameters<typeof findingsWith>[0], finding: string];
