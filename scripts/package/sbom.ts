import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Metafile } from 'esbuild';
import type { Plugin } from '../plugin.ts';
import { projectRoot } from '../project.ts';

/** Software in a package that is no npm package of the bundle. */
export interface Part {
  readonly name: string;
  readonly version?: string | undefined;
  /** As SPDX names it. */
  readonly license: string;
  readonly purl?: string | undefined;
  readonly sha256?: string | undefined;
}

/**
 * The list of all software in a package, as CycloneDX 1.6. The same package has the same list.
 * @param metafile what esbuild says of the bundle
 * @param parts what else is in the package
 */
export async function softwareList(
  metafile: Metafile,
  { declaration }: Plugin,
  parts: readonly Part[],
): Promise<string> {
  const bom = JSON.parse(await listOf(metafile)) as Bom;
  const { author, name, version, description } = declaration.manifest;
  bom.metadata.component = {
    type: 'application',
    'bom-ref': bom.metadata.component['bom-ref'], // where the tree of dependencies begins
    group: author,
    name,
    version,
    description: description.en_US,
  };
  bom.components.push(...parts.map(component));
  return `${JSON.stringify(bom, null, 2)}\n`;
}

interface Bom {
  metadata: { component: Record<string, unknown> };
  components: Record<string, unknown>[];
}

function component({ name, version, license, purl, sha256 }: Part): Record<string, unknown> {
  const hashes = sha256 === undefined ? undefined : [{ alg: 'SHA-256', content: sha256 }];
  return { type: 'library', name, version, purl, hashes, licenses: [{ license: { id: license } }] };
}

/** What CycloneDX's own tool says of a bundle: it finds the packages, and checks the list by its schema. */
async function listOf(metafile: Metafile): Promise<string> {
  const tool = createRequire(import.meta.url).resolve('@cyclonedx/cyclonedx-esbuild');
  const program = join(dirname(tool), '../bin/cyclonedx-esbuild-cli.js');
  const folder = await mkdtemp(join(tmpdir(), 'software-'));
  try {
    const [from, to] = [join(folder, 'meta.json'), join(folder, 'list.json')];
    await writeFile(from, JSON.stringify(metafile));
    const options = ['--spec-version', '1.6', '--output-reproducible', '--validate', '--output-file', to];
    await promisify(execFile)(process.execPath, [program, ...options, from], { cwd: projectRoot });
    return await readFile(to, 'utf8');
  } finally {
    await rm(folder, { recursive: true });
  }
}
