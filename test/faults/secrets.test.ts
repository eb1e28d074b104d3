import { describe, expect, it } from 'vitest';
import { startPlugin } from '../fake/plugin/plugin.ts';
import { page, status } from '../fake/xinference/faults.ts';
import { errorEvent, type Handler, pause, send, startEvents, write } from '../fake/xinference/replies.ts';
import { startFakeXinference } from '../fake/xinference/xinference-server.ts';
import { type AskingAction, askingActions } from './actions.ts';

const KEY = 'sk-Q7wE9rT2yU4iO6pA8sD1fG3hJ5kL0zX';
/** Every character that somebody has to escape somewhere. */
const ODD_KEY = 'sk-"<Q7w>&\'E9r\\T2y/U4i%41+O6p=A8s';

/** So much of a key tells nobody the rest; more is a leak. */
const HARMLESS = 8;

/** The key over and over, so that wherever a text is cut, it is cut in the middle of one. */
const echo = (key: string, shift: number, times: number) =>
  `${'.'.repeat(shift)}${`wrong ${key},`.repeat(times)}`;

/** Answers that repeat the key, in the ways in which servers and proxies do. */
const echoes: readonly { readonly name: string; readonly answer: (key: string) => Handler }[] = [
  ...[400, 401, 403, 404, 422, 429, 500, 503].map(code => ({
    name: `${code} in JSON`,
    answer: (key: string) => status(code, { detail: `The token ${key} is not known: ${key}` }),
  })),
  ...[0, 5, 10, 15, 20, 25, 30, 35].flatMap(shift => [
    {
      name: `500 in a long text, shifted by ${shift}`,
      answer: (key: string) => status(500, echo(key, shift, 3_000)),
    },
    {
      name: `400 in a short text, shifted by ${shift}`,
      answer: (key: string) => status(400, { detail: echo(key, shift, 30) }),
    },
    {
      name: `a page, shifted by ${shift}`,
      answer: (key: string) => page(502, echo(escapeHtml(key), shift, 100)),
    },
    {
      name: `a page with 200, shifted by ${shift}`,
      answer: (key: string) => page(200, echo(escapeHtml(key), shift, 200)),
    },
    {
      name: `text with 200, shifted by ${shift}`,
      answer: (key: string) => status(200, echo(key, shift, 500)),
    },
    {
      name: `JSON with 200, shifted by ${shift}`,
      answer: (key: string) => status(200, { keys: echo(key, shift, 500) }),
    },
    {
      name: `a chunk that is no JSON, shifted by ${shift}`,
      answer: (key: string) => stream(`data: {"${echo(key, shift, 500)}\r\n\r\n`),
    },
    {
      name: `a long error in a stream, shifted by ${shift}`,
      answer: (key: string) => stream(errorEvent(echo(key, shift, 3_000))),
    },
    {
      name: `an error that breaks off, shifted by ${shift}`,
      answer: (key: string) => brokenOff(echo(key, shift, 100)),
    },
  ]),
  { name: 'an error in a stream', answer: key => stream(errorEvent(`Wrong token ${key}.`)) },
  {
    name: 'an error object in a stream',
    answer: key => stream(errorEvent({ message: `Wrong token ${key}.` })),
  },
  {
    name: 'a redirect',
    answer: key => status(302, '', { location: `/login?token=${encodeURIComponent(key)}` }),
  },
  { name: 'a URL in a text', answer: key => status(400, { detail: `/v1?token=${encodeURIComponent(key)}` }) },
];

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`);
}

function stream(text: string): Handler {
  return (_request, response) => {
    startEvents(response);
    response.end(text);
  };
}

function brokenOff(text: string): Handler {
  return async (request, response, socket) => {
    send(response, 500, 'text/plain', '', { 'transfer-encoding': 'chunked' });
    await write(response, text);
    await pause(20, request.signal);
    socket.destroy();
  };
}

/** All texts in a JSON value. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [name, ...textsIn(inner)]);
}

/** The pieces of a key that must stand nowhere. */
function piecesOf(key: string): string[] {
  const spellings = [key, JSON.stringify(key).slice(1, -1), encodeURIComponent(key), escapeHtml(key)];
  return spellings.flatMap(text =>
    Array.from({ length: text.length - HARMLESS }, (_, at) => text.slice(at, at + HARMLESS + 1)),
  );
}

describe.concurrent.each(askingActions)('no key comes out of $name', action => {
  it.each([KEY, ODD_KEY])(
    'whatever a server makes of %s',
    async key => {
      await using server = await startFakeXinference();
      await using plugin = await startPlugin({ trace: true, logLevel: 'trace' });
      for (const { answer } of echoes) {
        server.answer(action.route, answer(key));
        await ask(plugin, action, server.url, key);
      }
      const pieces = piecesOf(key);
      const leaks = plugin.host.lines
        .filter(({ from }) => from === 'plugin')
        .flatMap(({ line }) => textsIn(withoutCredentials(JSON.parse(line))))
        .filter(text => pieces.some(piece => text.includes(piece)));
      expect(leaks).toEqual([]);
      expect(plugin.host.lines.length).toBeGreaterThan(echoes.length);
    },
    180_000,
  );
});

async function ask(
  { host }: Awaited<ReturnType<typeof startPlugin>>,
  action: AskingAction,
  url: string,
  key: string,
): Promise<void> {
  const credentials = { server_url: url, model_uid: action.uid, api_key: key, max_retries: '0' };
  await host.request(action.action, { ...action.data, model: 'm', credentials }).result();
}

/** A validation gives credentials back, which a host stores. */
function withoutCredentials(message: { data?: { type?: string; data?: Record<string, unknown> } }): unknown {
  if (message.data?.type === 'stream') delete message.data.data?.['credentials'];
  return message;
}
