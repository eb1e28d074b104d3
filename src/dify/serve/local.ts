import { createPlugin } from '../../plugin.ts';
import type { Dispatcher } from '../dispatcher.ts';
import { createLogger, hostLogDestination } from '../log.ts';
import type { StdioTransport } from '../transport/stdio.ts';
import { superviseProcess } from './lifecycle.ts';

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
