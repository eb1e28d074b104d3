import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const { O_RDONLY, O_RDWR, O_WRONLY, O_NONBLOCK } = constants;

/** A program to be run, as `spawn` takes it. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd?: string;
}

/** A process with a pipe on stdin and one on stdout. */
export interface PipedProcess {
  readonly child: ChildProcess;
  readonly pid: number;
  /** Just before the process was made, in ms of `performance.now()`. */
  readonly startedAt: number;
  readonly stdin: Socket;
  readonly stdout: Socket;
}

/**
 * Starts a program as Dify's daemon does, with pipes of the kernel's 64 KiB. Node's own `pipe` would be a pair of sockets,
 * which holds more and costs other system calls.
 */
export function spawnWithPipes({ program, args, cwd }: Command, env: NodeJS.ProcessEnv): PipedProcess {
  const folder = mkdtempSync(join(tmpdir(), 'bench-pipes-'));
  const [stdin, stdout] = [join(folder, 'stdin'), join(folder, 'stdout')];
  execFileSync('mkfifo', [stdin, stdout]);
  // Opened for both, a FIFO does not wait for its other end; so neither do the opens after it.
  const both = [stdin, stdout].map(path => openSync(path, O_RDWR));
  const theirs = [openSync(stdin, O_RDONLY), openSync(stdout, O_WRONLY)] as const;
  const ours = [openSync(stdin, O_WRONLY | O_NONBLOCK), openSync(stdout, O_RDONLY | O_NONBLOCK)] as const;
  const startedAt = performance.now();
  const child = spawn(program, args, { cwd, env, stdio: [theirs[0], theirs[1], 'inherit'] });
  for (const fd of [...both, ...theirs]) closeSync(fd);
  rmSync(folder, { recursive: true });
  if (child.pid === undefined) throw new Error(`${program} cannot be started`);
  return {
    child,
    pid: child.pid,
    startedAt,
    stdin: new Socket({ fd: ours[0], readable: false, writable: true }),
    stdout: new Socket({ fd: ours[1], readable: true, writable: false }),
  };
}
