import { pino } from 'pino';
import { describe, expect, test, vi } from 'vitest';
import { describeForInvoke } from '../../../models/common/describe.ts';
import { Failover } from '../../../models/common/failover.ts';
import type { Services } from '../../../models/common/services.ts';
import { validateModel, validateProvider } from '../../../models/common/validate.ts';
import { CredentialsValidateFailedError } from '../../../src/dify/protocol/errors.ts';
import { TokenEstimators } from '../../../src/tokens/estimators.ts';
import { DescriptionCache } from '../../../src/xinference/description-cache.ts';
import { HastyClock } from '../../fake/clock.ts';
import { refused } from '../../fake/network/connections.ts';
import * as faults from '../../fake/xinference/faults.ts';
import { llm } from '../../fake/xinference/models.ts';
import type { Handler } from '../../fake/xinference/replies.ts';
import { type FakeXinference, startFakeXinference } from '../../fake/xinference/xinference-server.ts';
import { patient, serverAt, TestClient } from '../../http/servers.ts';

type ModelType = Parameters<typeof validateModel>[1]['model_type'];

/** Services whose retries would wait no time, closed at the end of their scope. */
class TestServices implements Services, Disposable {
  readonly client = new TestClient({ clock: new HastyClock() });
  readonly descriptions = new DescriptionCache(this.client);
  readonly tokens = new TokenEstimators();
  readonly log = pino({ level: 'silent' });
  readonly failover = new Failover(new HastyClock(), this.log);

  [Symbol.dispose](): void {
    void this.client.close();
  }
}

const validate = (services: Services, model_type: ModelType, credentials: object | null) =>
  validateModel(services, { model_type, credentials: credentials as Record<string, unknown> }, patient());

const form = (server: FakeXinference, model_uid: string, fields: object = {}) => ({
  server_url: server.url,
  model_uid,
  ...fields,
});

describe('validating a model', () => {
  test.each<[ModelType, string]>([
    ['llm', 'chat'],
    ['llm', 'completion'],
    ['text-embedding', 'embedding'],
    ['rerank', 'rerank'],
    ['speech2text', 'whisper'],
    ['tts', 'tts'],
  ])('%s %s is taken after one request', async (type, uid) => {
    await using server = await startFakeXinference();
    using services = new TestServices();
    await validate(services, type, form(server, uid));
    expect(server.requests.map(({ route }) => route)).toEqual([`GET /v1/models/${uid}`]);
  });

  test.each<[ModelType, string, RegExp]>([
    [
      'llm',
      'embedding',
      /model embedding is of the type embedding \(abilities: embed\), not LLM\. Add it as Text Embedding/,
    ],
    ['text-embedding', 'chat', /not Text Embedding\. Add it as LLM/],
    ['rerank', 'chat', /Add it as LLM/],
    ['speech2text', 'tts', /abilities: text2audio, text2audio_zero_shot\), not Speech2text\. Add it as TTS/],
    ['tts', 'whisper', /Add it as Speech2text/],
    ['moderation', 'chat', /not Moderation/],
  ])('%s %s is refused', async (type, uid, message) => {
    await using server = await startFakeXinference();
    using services = new TestServices();
    const refusal = validate(services, type, form(server, uid));
    await expect(refusal).rejects.toThrow(CredentialsValidateFailedError);
    await expect(refusal).rejects.toThrow(message);
    expect(server.requests).toHaveLength(1);
  });

  test('a uid that does not run lists those that do, by a second request', async () => {
    await using server = await startFakeXinference({ models: [llm('a'), llm('b')] });
    using services = new TestServices();
    const refusal = validate(services, 'llm', form(server, 'nobody'));
    await expect(refusal).rejects.toThrow(CredentialsValidateFailedError);
    await expect(refusal).rejects.toThrow(
      `${server.url} runs no model with the UID "nobody". It runs: a, b.`,
    );
    expect(server.requests.map(({ route }) => route)).toEqual(['GET /v1/models/nobody', 'GET /v1/models']);
  });

  test.each(['org/model', 'with blank', '模型'])('the uid %s is found', async uid => {
    await using server = await startFakeXinference({ models: [llm(uid)] });
    using services = new TestServices();
    await validate(services, 'llm', form(server, uid));
    expect(server.requests).toHaveLength(uid.includes('/') ? 2 : 1);
  });

  test.each<[string, Handler, RegExp]>([
    ['401', faults.unauthorized, /refuses the API key/],
    ['a ban', faults.banned, /locked this address out/],
    ['403', faults.forbidden, /does not have access to model/],
    ['503', faults.loading(), /still loading.*tried again in 30 s/],
    ['502', faults.badGateway, /web page: 502 Bad Gateway/],
    ['500', faults.engineFailure, /CUDA out of memory/],
    ['429', faults.rateLimited, /more requests than it takes/],
    ['HTML', faults.html200, /web page: Sign in/],
    ['nothing', faults.empty200, /is empty/],
    ['other JSON', faults.wrongJson, /does not describe a model/],
    ['a reset', faults.resetBeforeHead, /closed before an answer came/],
    ['half an answer', faults.truncatedJson, /no JSON object/],
    ['a break', faults.closeMidBody, /broke off in the middle/],
  ])('%s is told after one request, with the URL and without the key', async (_what, handler, message) => {
    await using server = await startFakeXinference();
    server.answer('*', handler);
    using services = new TestServices();
    const credentials = form(server, 'chat', { api_key: 'xf-secret', max_retries: '3' });
    const refusal = validate(services, 'llm', credentials);
    await expect(refusal).rejects.toThrow(CredentialsValidateFailedError);
    await expect(refusal).rejects.toThrow(message);
    await expect(refusal).rejects.toThrow(`${server.url}/v1/models/chat`);
    await expect(refusal).rejects.not.toThrow('xf-secret');
    expect(server.requests).toHaveLength(1);
    expect(server.requests[0]?.headers.authorization).toBe('Bearer xf-secret');
  });

  test('what the form of the type refuses is told before anything is sent', async () => {
    await using server = await startFakeXinference();
    using services = new TestServices();
    for (const credentials of [null, {}, form(server, ''), form(server, 'chat', { max_retries: 'x' })]) {
      await expect(validate(services, 'llm', credentials)).rejects.toThrow(CredentialsValidateFailedError);
    }
    const request = { model_type: 'llm' as const, credentials: form(server, 'chat') };
    const bug = new Error('bug');
    const readForm = () => {
      throw bug;
    };
    await expect(validateModel(services, request, patient(), readForm)).rejects.toBe(bug);
    expect(server.requests).toEqual([]);
  });

  test('a cancel is told as what it is', async () => {
    await using server = await startFakeXinference();
    server.answer('*', faults.blackHole);
    using services = new TestServices();
    const cancel = new AbortController();
    const request = { model_type: 'llm' as const, credentials: form(server, 'chat') };
    const asked = validateModel(services, request, cancel.signal);
    await server.arrival('GET /v1/models/chat');
    const reason = new Error('stop');
    cancel.abort(reason);
    await expect(asked).rejects.toBe(reason);
  });
});

describe('validating the provider', () => {
  test('without a server URL there is nothing to check', async () => {
    using services = new TestServices();
    for (const credentials of [null, {}, { server_url: ' ', api_key: 'xf-1' }]) {
      await validateProvider(services, { credentials }, patient());
    }
    await validateProvider(services, {}, patient());
  });

  test('without a server URL the models that the plugin brings along could not run', async () => {
    using services = new TestServices();
    await expect(validateProvider(services, { credentials: {} }, patient(), ['chat'])).rejects.toThrow(
      'The server URL is empty',
    );
  });

  test('with one, the server is asked once, with the key', async () => {
    await using server = await startFakeXinference({ apiKeys: ['xf-1'] });
    using services = new TestServices();
    await validateProvider(services, { credentials: { server_url: server.url, api_key: 'xf-1' } }, patient());
    expect(server.requests.map(({ route }) => route)).toEqual(['GET /v1/models']);
    const wrong = { credentials: { server_url: server.url, api_key: 'xf-2', max_retries: '3' } };
    await expect(validateProvider(services, wrong, patient())).rejects.toThrow(
      CredentialsValidateFailedError,
    );
    expect(server.requests).toHaveLength(2);
  });

  test('models that the plugin brings along and that do not run are a warning, and an error where none runs', async () => {
    await using server = await startFakeXinference();
    using services = new TestServices();
    const warn = vi.spyOn(services.log, 'warn');
    const request = { credentials: { server_url: server.url } };
    await validateProvider(services, request, patient(), ['chat', 'gone']);
    expect(warn.mock.calls).toEqual([[`${server.url} does not run gone, which this plugin brings along.`]]);
    await expect(validateProvider(services, request, patient(), ['gone', 'lost'])).rejects.toThrow(
      `${server.url} does not run gone, lost: none of the models that this plugin brings along.`,
    );
  });

  test('what is wrong with it is a failed validation', async () => {
    await using away = await refused();
    using services = new TestServices();
    for (const server_url of ['host:9997', away.url, {}]) {
      const checked = validateProvider(services, { credentials: { server_url } }, patient());
      await expect(checked).rejects.toThrow(CredentialsValidateFailedError);
    }
  });
});

describe('describing a model for an invoke', () => {
  const describeFor = (services: Services, url: string, modelUid: string, type: ModelType) =>
    describeForInvoke(services, { server: serverAt(url), modelUid }, type, patient());

  test('gives what is known, or nothing', async () => {
    await using server = await startFakeXinference();
    using services = new TestServices();
    expect(await describeFor(services, server.url, 'chat', 'llm')).toMatchObject({ name: 'yi-chat' });
    expect(await describeFor(services, server.url, 'nobody', 'llm')).toBeUndefined();
    expect(server.requests).toHaveLength(2);
  });

  test('refuses a model of another type before it is asked', async () => {
    await using server = await startFakeXinference();
    using services = new TestServices();
    await expect(describeFor(services, server.url, 'embedding', 'llm')).rejects.toMatchObject({
      errorType: 'InvokeBadRequestError',
      message: expect.stringContaining('Add it as Text Embedding'),
    });
  });
});
