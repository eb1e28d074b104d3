import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SYSTEMS, type System } from './systems.ts';

const run = promisify(execFile);

/** A Node.js, unpacked. */
export interface NodeProgram {
  readonly program: Buffer;
  /** The licences of Node.js and of what is in it. */
  readonly license: Buffer;
}

/**
 * The Node.js of a system, from npm, or npm's cache.
 * @throws Error when npm does not have it, or has other bytes than the pinned ones
 */
export async function nodeProgram(system: System): Promise<NodeProgram> {
  const { name, version, integrity, sha256 } = SYSTEMS[system];
  const folder = await mkdtemp(join(tmpdir(), 'node-program-'));
  try {
    const words = ['pack', `${name}@${version}`, '--prefer-offline', '--pack-destination', folder];
    const { stdout } = await run('npm', words, { cwd: folder });
    const tarball = join(folder, stdout.trim().split('\n').at(-1) ?? '');
    if (`sha512-${hashOf('sha512', 'base64', await readFile(tarball))}` !== integrity)
      throw new Error(`The npm package ${name} ${version} is not the one that is pinned.`);
    await run('tar', ['-xzf', tarball, '-C', folder, 'package/bin/node', 'package/LICENSE']);
    const program = await readFile(join(folder, 'package/bin/node'));
    if (hashOf('sha256', 'hex', program) !== sha256)
      throw new Error(`The program of ${name} ${version} is not the one that is pinned.`);
    return { program, license: await readFile(join(folder, 'package/LICENSE')) };
  } finally {
    await rm(folder, { recursive: true });
  }
}

function hashOf(algorithm: string, encoding: 'hex' | 'base64', bytes: Uint8Array): string {
  return createHash(algorithm).update(bytes).digest(encoding);
}
