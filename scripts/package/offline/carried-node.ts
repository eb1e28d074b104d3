import { createHash } from 'node:crypto';
import type { PackedNode } from '../launcher.ts';
import type { PackageFile } from '../package-file.ts';
import type { Part } from '../sbom.ts';
import type { NodeProgram } from './node-program.ts';
import { SYSTEMS, type System } from './systems.ts';
import { compress } from './xz.ts';

/** Where the launcher looks for it. */
export const ARCHIVE = 'runtime/node.xz';

/** A Node.js that goes into a package. */
export interface CarriedNode extends PackedNode {
  readonly system: System;
  readonly files: readonly PackageFile[];
}

/** Compresses a Node.js as a package carries it. @param level see {@link compress} */
export async function carriedNode(
  system: System,
  { program, license }: NodeProgram,
  level?: number,
): Promise<CarriedNode> {
  return {
    system,
    bytes: program.length,
    sha256: createHash('sha256').update(program).digest('hex'),
    files: [
      { path: ARCHIVE, content: await compress(program, level) },
      { path: 'runtime/NODE_LICENSE.txt', content: license },
    ],
  };
}

/** What the list of a package's software says of it. */
export function nodePart({ system, sha256 }: CarriedNode): Part {
  const { name, version } = SYSTEMS[system];
  return { name: 'node', version, license: 'MIT', purl: `pkg:npm/${name}@${version}`, sha256 };
}
