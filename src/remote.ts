import { join } from 'node:path';
import { declaration } from './dify/declaration.ts';
import { superviseProcess } from './dify/lifecycle.ts';
import { createLogger, jsonLogDestination, textLogDestination } from './dify/log.ts';
import { maxLineBytes } from './dify/transport/line-limit.ts';
import { RemoteTransport } from './dify/transport/remote.ts';
import { declarationLines, readAssets } from './dify/transport/remote-declaration.ts';
import { remoteSettings } from './dify/transport/remote-settings.ts';
import { createPlugin } from './plugin.ts';

/** Beside `src/` as beside the bundle's `runtime/`. */
const ASSETS = join(import.meta.dirname, '..', '_assets');

/**
 * Answers the requests of a Dify host over remote debugging. Its log is on stdout.
 * @throws StartError when a setting is missing or wrong, and when the host refuses the plugin
 */
export async function serveRemote(): Promise<void> {
  const { env, stdout } = process;
  const settings = remoteSettings(env);
  const assets = await readAssets(ASSETS);
  const log = createLogger(stdout.isTTY ? textLogDestination(stdout) : jsonLogDestination(stdout));
  const { dispatcher } = createPlugin(log);
  const transport = new RemoteTransport({
    ...settings,
    declaration: () => declarationLines(declaration, assets),
    maxLineBytes: maxLineBytes(env),
    log,
  });
  superviseProcess(dispatcher, transport);
  await transport.run({
    onLine: (line, writer) => void dispatcher.receive(line, writer),
    onOversizedLine: (start, writer) => dispatcher.receiveOversized(start, writer),
    onLost: () => {
      for (const session of dispatcher.sessions) session.cancel('The connection to the host was lost.');
    },
  });
}
