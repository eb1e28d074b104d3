import { describe, expect, it } from 'vitest';
import { startPlugin } from '../fake/plugin/plugin.ts';
import { status } from '../fake/xinference/faults.ts';
import { errorEvent, type Handler, send, sendJson, startEvents } from '../fake/xinference/replies.ts';
import { startFakeXinference } from '../fake/xinference/xinference-server.ts';
import { askingActions } from './actions.ts';

const KEY = 'sk-Q7wE9rT2yU4iO6pA8sD1fG3hJ5kL0zX';
const PROMPT = 'my diary of that Monday';

const json =
  (body: unknown): Handler =>
  (_request, response) =>
    sendJson(response, 200, body);

const events =
  (...payloads: unknown[]): Handler =>
  (_request, response) => {
    startEvents(response);
    for (const payload of payloads) response.write(`data: ${JSON.stringify(payload)}\n\n`);
    response.end('data: [DONE]\n\n');
  };

/** Ways in which a server repeats what it was sent. */
const repeats = (text: string): readonly (readonly [string, Handler])[] => [
  ...[400, 401, 403, 404, 422, 429, 500, 503].map(
    code => [`${code}`, status(code, { detail: `You asked: ${text}` })] as const,
  ),
  ['422 of a form check', status(422, { detail: [{ loc: ['body', text], msg: text, input: text }] })],
  ['500 as text', status(500, `Internal Server Error: ${text}`)],
  ['an error in the body', json({ error: { message: text } })],
  ['another answer', json({ asked: text })],
  ['a text', json(text)],
  ['an index', json({ results: [{ index: text }], data: [{ index: text, embedding: [1] }] })],
  [
    'an error in a stream',
    (_request, response) => {
      startEvents(response);
      response.end(errorEvent(text));
    },
  ],
  ['a chunk that is none', events(text)],
  ['a finish reason', events({ choices: [{ delta: {}, finish_reason: `abort ${text}` }] })],
  [
    'a type of content',
    (_request, response) => send(response, 200, `audio/${text.replaceAll(' ', '-')}`, 'x'),
  ],
  ['a description', json({ model_type: text, model_ability: [text] })],
];

describe.concurrent.each(askingActions)('$name', action => {
  it('issue 16, 8: the log has no prompts, whatever a server repeats', async () => {
    await using server = await startFakeXinference();
    await using plugin = await startPlugin({ trace: true, logLevel: 'info' });
    const credentials = { server_url: server.url, model_uid: action.uid, max_retries: '1' };
    for (const [, handler] of repeats(PROMPT)) {
      server.answer(action.route, handler);
      await plugin.host.request(action.action, { ...action.data, model: 'm', credentials }).result();
    }
    const logged = JSON.stringify(plugin.host.lines.filter(({ line }) => line.includes('"event":"log"')));
    expect(logged).not.toContain('diary');
    expect(logged).toMatch(/The server said \d+ characters/);
  }, 180_000);

  it('issue 16, 8: nor what a server calls the type of a model', async () => {
    await using server = await startFakeXinference();
    await using plugin = await startPlugin({ trace: true, logLevel: 'info' });
    const credentials = { server_url: server.url, model_uid: action.uid, max_retries: '0' };
    server.answer('GET /v1/models/*', json({ model_type: PROMPT, model_ability: [PROMPT] }));
    await plugin.host.request(action.action, { ...action.data, model: 'm', credentials }).result();
    expect(JSON.stringify(plugin.host.logs)).not.toContain('diary');
  });

  it('issue 16, 7: no key comes out, wherever a server puts it', async () => {
    await using server = await startFakeXinference();
    await using plugin = await startPlugin({ trace: true, logLevel: 'debug' });
    const credentials = { server_url: server.url, model_uid: action.uid, api_key: KEY, max_retries: '0' };
    for (const [, handler] of repeats(KEY)) {
      for (const route of [action.route, 'GET /v1/models/*', 'GET /v1/models']) {
        server.clear();
        server.answer(route, handler);
        await plugin.host.request(action.action, { ...action.data, model: 'm', credentials }).result();
      }
    }
    const told = plugin.host.lines
      .filter(({ from, line }) => from === 'plugin' && !line.includes('"credentials"'))
      .map(({ line }) => line.toLowerCase());
    expect(told.filter(line => line.includes(KEY.slice(0, 12).toLowerCase()))).toEqual([]);
    expect(told.length).toBeGreaterThan(10);
  }, 180_000);
});
