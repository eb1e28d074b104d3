import { pino } from 'pino';
import { createActions } from '../../models/actions.ts';
import { invokeErrorOf } from '../../models/common/errors.ts';
import { Dispatcher } from '../../src/dify/dispatcher.ts';
import { startHeartbeat } from '../../src/dify/heartbeat.ts';
import { superviseProcess } from '../../src/dify/serve/lifecycle.ts';
import { StdioTransport } from '../../src/dify/transport/stdio.ts';
import { HttpClient } from '../../src/http/client.ts';
import { TokenEstimators } from '../../src/tokens/estimators.ts';
import { DescriptionCache } from '../../src/xinference/description-cache.ts';

/*
 * The plugin as a process, with bugs: the text of an `invoke_moderation` says which.
 */

const log = pino({ level: 'silent' });
const client = new HttpClient({ log });
const descriptions = new DescriptionCache(client);
const actions = createActions({ client, descriptions, tokens: new TokenEstimators(), log });
const dispatcher = new Dispatcher({
  actions: {
    ...actions,
    invoke_moderation: async ({ text }) => {
      if (text === 'throw') throw new TypeError('a bug in a handler');
      if (text === 'uncaught') setTimeout(() => JSON.parse('a bug in a timer'));
      if (text === 'rejected') void Promise.reject(new TypeError('a bug in a promise'));
      await new Promise(() => undefined);
    },
  },
  log,
  translate: invokeErrorOf,
});
const transport = new StdioTransport(process.stdin, process.stdout, 5_000_000);
void transport.gone.then(startHeartbeat(transport.writer));
superviseProcess(dispatcher, transport);
transport.start({
  onLine: line => void dispatcher.receive(line, transport.writer),
  onOversizedLine: start => dispatcher.receiveOversized(start, transport.writer),
});
