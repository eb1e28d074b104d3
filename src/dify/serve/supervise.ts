import type { Dispatcher } from '../dispatcher.ts';
import { InternalError, InvokeServerUnavailableError } from '../protocol/errors.ts';
import type { Transport } from '../transport/transport.ts';
import { crashText } from './end-process.ts';

const DRAIN_MS = 10_000;
/** A host that does not read must not keep a process that has to go; nor must what a plugin lets go of. */
const FLUSH_MS = 2_000;

/** What of the process a lifecycle needs; passed in for tests. */
export type ProcessLike = Pick<NodeJS.Process, 'on' | 'exit'> & { stderr: { write(text: string): unknown } };

/**
 * Sees to it that a process that ends has answered every session: a host tells nobody that its plugin died, and its
 * callers would hang for ten minutes.
 * @param options.name of the plugin, for what goes to stderr
 * @param options.close lets go of what the plugin owns, once every session was answered
 */
export function superviseProcess(
  dispatcher: Dispatcher,
  transport: Transport,
  {
    name,
    close = async () => undefined,
    process = globalThis.process,
    drainMs = DRAIN_MS,
  }: {
    name: string;
    close?: () => Promise<void>;
    process?: ProcessLike;
    drainMs?: number;
  },
): void {
  let isStopping = false;
  let exiting: Promise<void> | undefined;

  /** The first code counts. */
  const exit = (code: number) => {
    exiting ??= Promise.race([Promise.allSettled([transport.flush(), close()]), wait(FLUSH_MS)]).then(() =>
      process.exit(code),
    );
    return exiting;
  };

  const onSignal = async () => {
    const again = isStopping;
    isStopping = true;
    transport.stop();
    if (!again) await Promise.race([dispatcher.idle(), wait(drainMs)]);
    dispatcher.failAll(
      new InvokeServerUnavailableError('The plugin is being shut down. Try again: the host starts it anew.'),
    );
    await exit(0);
  };

  let hasCrashed = false;
  const onBug = (error: unknown) => {
    if (hasCrashed) return; // what a crash tears down may fail in its turn
    hasCrashed = true;
    transport.stop();
    process.stderr.write(`${name} plugin: ${crashText(error)}\n`);
    dispatcher.failAll(
      new InternalError('The plugin crashed on a bug of its own. Try again: the host starts it anew.'),
    );
    void exit(1);
  };

  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  process.on('SIGHUP', onSignal); // of a terminal that is closed, or a supervisor that has the process start anew
  process.on('SIGUSR1', () => {}); // else Node.js opens its debugger to the whole machine
  process.on('uncaughtException', onBug);
  process.on('unhandledRejection', onBug);

  void transport.gone.then(() => {
    dispatcher.cancelAll('The host is gone.');
  });
  void Promise.race([transport.finished, transport.gone]).then(async () => {
    await dispatcher.idle();
    await exit(0);
  });
}

function wait(ms: number): Promise<void> {
  return new Promise(resolve => {
    setTimeout(resolve, ms);
  });
}
