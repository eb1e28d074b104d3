import { describe, expect, it } from 'vitest';
import { sendJson } from '../fake/xinference/replies.ts';
import { startFakeXinference } from '../fake/xinference/xinference-server.ts';
import { runDoctor } from './run.ts';

const KEY = 'sk-Q7wE9rT2yU4iO6pA8sD1fG3hJ5kL0zX';
const BAD = `\u001b]0;title\u0007\u001b[2J\u202e key ${KEY}`;

const BASE64 = Buffer.from(KEY).toString('base64');

/** Whatever is not a letter of some script, a blank, a line break or a colour of the doctor's own. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it is about
const UNSEEN = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

/** A server that says its key, and what moves a terminal, wherever it says anything. */
async function runHostile(...argv: string[]) {
  await using server = await startFakeXinference();
  const model = {
    id: `uid ${BAD.replace(KEY, BASE64)}`, // the server takes no key in a path
    model_type: 'LLM',
    model_name: `name ${BAD}`,
    model_engine: `engine ${BAD}`,
    model_ability: ['chat', `ability ${BAD}`],
    context_length: 4096,
  };
  const broken = {
    model_uid: `launching ${BAD}`,
    status: `status ${BAD}`,
    replica_statuses: [{ status: 'ERROR', error_message: `error ${BAD}` }],
  };
  const other = { ...model, id: 'other', model_type: `type ${BAD}`, abilities: [BAD] };
  server.answer('GET /v1/models', (_request, response) => sendJson(response, 200, { data: [model, other] }));
  server.answer('GET /v1/models/instances', (_request, response) => sendJson(response, 200, [broken]));
  server.answer('GET /v1/cluster/version', (_request, response) => sendJson(response, 200, { version: BAD }));
  server.answer('*', (_request, response) => sendJson(response, 200, model));
  return await runDoctor(['--server', server.url, '--api-key', KEY, ...argv]);
}

describe('what a hostile server says (issue 16, points 7 and 9)', () => {
  it.each([[[]], [['--json']], [['--try']], [['--try', '--json']]])('with %j', async argv => {
    const { out, err } = await runHostile(...argv);
    expect(out).toMatch(/uid \\+u001b\]0;title/);
    expect(out + err).not.toMatch(UNSEEN);
    expect(out + err).not.toContain(KEY.slice(0, 12));
    expect(out + err).not.toContain(BASE64.slice(4, 20));
  });

  it.each<[unknown]>([[{ toString: 1 }], [{ toJSON: 1, valueOf: 2 }], [[{ toString: 1 }]]])(
    'is no stack of the doctor where it is no text, here %j (point 10)',
    async odd => {
      await using server = await startFakeXinference();
      const detail = [{ loc: ['body', odd], msg: odd }];
      server.answer('*', (_request, response) => sendJson(response, 422, { detail }));
      const { code, out, err } = await runDoctor(['--server', server.url]);
      expect([code, err]).toEqual([1, '']);
      expect(out).not.toMatch(/InternalError|^ {4}at /m);
    },
  );
});
