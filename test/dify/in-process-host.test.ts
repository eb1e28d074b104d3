import { describe, expect, it } from 'vitest';
import { InProcessHost, PluginError } from '../../src/dify/in-process-host.ts';
import { createLogger } from '../../src/dify/log.ts';
import { createDispatcher } from '../../src/dify/serve/serve.ts';
import { createPlugin } from '../../src/plugin.ts';
import { neverEndingBody } from '../fake/xinference/faults.ts';
import { startFakeXinference } from '../fake/xinference/xinference-server.ts';

const log = createLogger({ write: () => undefined }, 'silent');
const dispatcher = createDispatcher(createPlugin(log), log);
const host = new InProcessHost(dispatcher);

describe('a host in this process', () => {
  it('gives results as they come, and a caller that has enough frees the server', async () => {
    await using server = await startFakeXinference();
    server.answer('POST /v1/chat/completions', neverEndingBody);
    const request = {
      model: 'chat',
      model_type: 'llm',
      credentials: { server_url: server.url, model_uid: 'chat' },
      prompt_messages: [{ role: 'user', content: 'hi' }],
      stream: true,
    };
    let seen = 0;
    for await (const _chunk of host.ask('invoke_llm', request)) if (++seen === 3) break;
    const { aborted } = await (await server.arrival('POST /v1/chat/completions')).outcome;
    expect(aborted).toBe(true);
    await dispatcher.idle();
  });

  it("throws the plugin's error under its name", async () => {
    const asked = host.askOnce('invoke_moderation', { model: 'm', model_type: 'moderation', text: 'hi' });
    const error = await asked.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(PluginError);
    expect(error).toMatchObject({ errorType: 'InvokeBadRequestError' });
  });
});
