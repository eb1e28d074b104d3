import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { FakeHost } from '../../test/fake/host/host.ts';
import type { HostOptions } from '../../test/fake/host/host-options.ts';

/** A plugin process, and how it was started. */
export interface StartedPlugin {
  readonly host: FakeHost;
  /** The command, for a person to read. */
  readonly command: string;
}

/**
 * Starts a packaged plugin as a daemon does, `python -m main` in its folder; by Node directly where there is no Python.
 * @param folder the unpacked package
 */
export function startPackagedPlugin(folder: string, options: HostOptions): StartedPlugin {
  const python = findPython();
  const [command, args] =
    python === undefined ? [process.execPath, [join('runtime', 'index.cjs')]] : [python, ['-m', 'main']];
  const env = { ...process.env, INSTALL_METHOD: 'local' };
  return {
    host: FakeHost.spawn(command, args, { cwd: folder, env, ...options }),
    command: `${command} ${args.join(' ')}`,
  };
}

function findPython(): string | undefined {
  const local = join('.venv', 'bin', 'python');
  const candidates = [...(existsSync(local) ? [local] : []), 'python3', 'python'];
  return candidates.find(
    name => spawnSync(name, ['-c', 'import sys; sys.exit(sys.version_info < (3, 8))']).status === 0,
  );
}
