import type { Dispatcher } from './dify/dispatcher.ts';
import { superviseProcess } from './dify/lifecycle.ts';
import { createLogger, hostLogDestination } from './dify/log.ts';
import type { StdioTransport } from './dify/transport/stdio.ts';
import { createPlugin } from './plugin.ts';

/** Answers the lines of a host on stdin. @returns what holds the sessions */
export function serveLocal(transport: StdioTransport): Dispatcher {
  const { writer } = transport;
  const log = createLogger(hostLogDestination(writer));
  const { dispatcher } = createPlugin(log);
  superviseProcess(dispatcher, transport);
  transport.start({
    onLine: line => void dispatcher.receive(line, writer),
    onOversizedLine: start => dispatcher.receiveOversized(start, writer),
  });
  return dispatcher;
}
