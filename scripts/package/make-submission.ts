import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Plugin } from '../plugin.ts';
import { projectRoot } from '../project.ts';
import { changesOf } from './changelog.ts';
import { signalsIn } from './checks/capabilities.ts';
import { type Finding, textOf } from './checks/check.ts';
import { checkPackage } from './checks/checks.ts';
import { contentsOf } from './contents.ts';
import { type Package, packageName, writePackage } from './make-package.ts';
import type { PackageFile } from './package-file.ts';
import { pullRequestText } from './pull-request.ts';
import { zip } from './zip.ts';

/** What is wanted in the requirements by those who review, and by nobody else. */
const SDK = `# The Marketplace's reviewers look for the SDK here. Nothing in this package imports it.
dify_plugin>=0.9.0,<1.0.0
`;

/** A package for the Marketplace, or why there is none. */
export interface Submission {
  readonly findings: readonly Finding[];
  /** Undefined where one of the findings is an error: nothing was written then. */
  readonly written: { readonly package: Package; readonly pullRequest: string } | undefined;
}

/**
 * Makes a package for the Marketplace and the text of its pull request, if the Marketplace's checks have nothing against it.
 * @param options.out by default `dist/marketplace/<name>-<version>.difypkg`; the text is `pull-request.md` beside it
 * @param options.isUpdate whether the Marketplace has an earlier version
 */
export async function makeSubmission(
  plugin: Plugin,
  options: { out?: string | undefined; isUpdate: boolean },
): Promise<Submission> {
  const contents = await contentsOf(plugin);
  const files = withSdk(contents.files);
  const findings = checkPackage(files);
  if (findings.some(({ level }) => level === 'error')) return { findings, written: undefined };

  const { manifest } = plugin.declaration;
  const file = options.out ?? join(plugin.root, 'dist/marketplace', packageName(plugin));
  const made = await writePackage(plugin, { ...contents, files }, zip(files), file);
  const template = await readFile(join(projectRoot, '.github/marketplace-pull-request.md'), 'utf8');
  const text = pullRequestText(template, {
    manifest,
    changes: changesOf(textOf(files, 'CHANGELOG.md') ?? '', manifest.version) ?? '',
    isUpdate: options.isUpdate,
    signals: signalsIn(files),
    warnings: findings,
    validation: [
      'npm run package -- --marketplace',
      `  ${made.files.length} files, ${made.bytes} bytes, 0 errors, ${findings.length} warnings`,
      `  ${made.identifier}`,
    ],
  });
  const pullRequest = join(dirname(file), 'pull-request.md');
  await writeFile(pullRequest, text);
  return { findings, written: { package: made, pullRequest } };
}

/** The files with the SDK among the requirements. */
function withSdk(files: readonly PackageFile[]): readonly PackageFile[] {
  return files.map(file => {
    if (file.path !== 'requirements.txt') return file;
    return { path: file.path, content: Buffer.concat([file.content, Buffer.from(SDK)]) };
  });
}
