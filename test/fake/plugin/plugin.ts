import { PassThrough } from 'node:stream';
import type { Dispatcher } from '../../../src/dify/dispatcher.ts';
import { startHeartbeat } from '../../../src/dify/heartbeat.ts';
import { createLogger, hostLogDestination } from '../../../src/dify/log.ts';
import { createDispatcher } from '../../../src/dify/serve/serve.ts';
import { StdioTransport } from '../../../src/dify/transport/stdio.ts';
import type { Clock } from '../../../src/http/clock.ts';
import { createPlugin } from '../../../src/plugin.ts';
import type { DescriptionFile } from '../../../src/xinference/description-file.ts';
import { FakeHost } from '../host/host.ts';
import type { HostOptions } from '../host/host-options.ts';

const MAX_LINE_BYTES = 5_000_000;

/** The whole plugin in this process, over a pair of streams instead of a process's stdin and stdout. */
export interface PluginInProcess extends AsyncDisposable {
  readonly host: FakeHost;
  readonly dispatcher: Dispatcher;
  close(): Promise<void>;
}

/** Starts the plugin in this process, with a host that checks every rule of the protocol. */
export async function startPlugin(
  options: HostOptions & {
    readonly logLevel?: string;
    readonly maxLineBytes?: number;
    readonly clock?: Clock;
    readonly file?: DescriptionFile;
  } = {},
): Promise<PluginInProcess> {
  const stdin = new PassThrough();
  const stdout = new PassThrough();
  const transport = new StdioTransport(stdin, stdout, options.maxLineBytes ?? MAX_LINE_BYTES);
  const { writer } = transport;
  const stopHeartbeat = startHeartbeat(writer);
  const log = createLogger(hostLogDestination(writer), options.logLevel ?? 'warn');
  const plugin = createPlugin(log, options);
  const dispatcher = createDispatcher(plugin, log);
  transport.start(dispatcher);
  const host = new FakeHost({ stdin, stdout }, { checkAnswers: true, ...options });
  await host.ready();
  const close = async () => {
    stopHeartbeat();
    stdin.end();
    await dispatcher.idle();
    await transport.flush();
    stdout.end();
    await plugin.close();
    await host.close();
  };
  return { host, dispatcher, close, [Symbol.asyncDispose]: close };
}
