import type { Logger } from 'pino';
import { createActions } from '../actions/actions.ts';
import { Dispatcher } from '../dispatcher.ts';
import type { Plugin, PluginModule } from '../plugin.ts';
import type { Transport } from '../transport/transport.ts';
import type { About } from './about.ts';
import { superviseProcess } from './supervise.ts';

/** What takes a host's requests and lets a plugin answer them. */
export function createDispatcher(plugin: Plugin, log: Logger): Dispatcher {
  return new Dispatcher({
    actions: createActions(plugin),
    log,
    translate: thrown => plugin.errorOf?.(thrown) ?? thrown,
  });
}

/**
 * Serves a host over a transport, and ends the process when that is over.
 * @returns as {@link Transport.start}
 * @throws StartError
 */
export async function serve(
  transport: Transport,
  { createPlugin }: PluginModule,
  log: Logger,
  { name }: Pick<About, 'name'>,
): Promise<Dispatcher> {
  const plugin = createPlugin(log);
  const dispatcher = createDispatcher(plugin, log);
  superviseProcess(dispatcher, transport, { name, close: async () => plugin.close?.() });
  await transport.start(dispatcher);
  return dispatcher;
}
