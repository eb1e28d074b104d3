import { expect, it } from 'vitest';
import { startPlugin } from '../fake/plugin/plugin.ts';
import { errorEvent, event, startEvents } from '../fake/xinference/replies.ts';
import { startFakeXinference } from '../fake/xinference/xinference-server.ts';

it('leaves nothing of a failed stream to the next request, which may be of another tenant', async () => {
  await using server = await startFakeXinference();
  await using plugin = await startPlugin();
  const ask = () =>
    plugin.host
      .request('invoke_llm', {
        credentials: { server_url: server.url, model_uid: 'chat' },
        model: 'chat',
        prompt_messages: [{ role: 'user', content: 'hi' }],
        stream: true,
      })
      .result();
  expect((await ask()).error).toBeUndefined();
  server.answer(
    'POST /v1/chat/completions',
    (_request, response) => {
      startEvents(response);
      response.end(errorEvent('secret of tenant A') + event('[DONE]'));
    },
    { times: 3 },
  );
  for (const failed of await Promise.all([ask(), ask(), ask()])) {
    expect(failed.error?.message).toContain('secret of tenant A');
  }
  await new Promise(resolve => setTimeout(resolve, 200));
  for (let round = 0; round < 4; round++) expect((await ask()).error).toBeUndefined();
});
