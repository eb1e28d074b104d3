import { createPlugin } from '../../plugin.ts';
import { declaration } from '../declaration/declaration.ts';
import { createLogger, jsonLogDestination, textLogDestination } from '../log.ts';
import { maxLineBytes } from '../transport/lines/line-limit.ts';
import { RemoteTransport } from '../transport/remote/remote.ts';
import { declarationLines, readAssets } from '../transport/remote/remote-declaration.ts';
import { remoteSettings } from '../transport/remote/remote-settings.ts';
import { superviseProcess } from './lifecycle.ts';

/**
 * Answers the requests of a Dify host over remote debugging. Its log is on stdout.
 * @param assetsFolder the plugin's folder `_assets`
 * @throws StartError when a setting is missing or wrong, and when the host refuses the plugin
 */
export async function serveRemote(assetsFolder: string): Promise<void> {
  const { env, stdout } = process;
  const settings = remoteSettings(env);
  const assets = await readAssets(assetsFolder);
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
