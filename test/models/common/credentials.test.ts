import { describe, expect, test } from 'vitest';
import {
  choiceField,
  contextSizeField,
  InvalidCredentialsError,
  numberField,
  readCredentials,
  readServer,
  switchField,
  textField,
} from '../../../models/common/credentials.ts';

import { serverAddress } from '../../../src/http/address.ts';
import { Gate } from '../../../src/text/gate.ts';

const gate = expect.any(Gate);
const good = { server_url: 'http://host:9997', model_uid: 'qwen' };

describe('readCredentials', () => {
  test('gives what stands in the form', () => {
    const form = {
      server_url: ' http://host:9997/v1/ ',
      model_uid: ' org/模型 1 ',
      api_key: ' xf-1 ',
      invoke_timeout: '1.5',
      max_retries: '0',
      tls_verify: 'no',
    };
    expect(readCredentials(form)).toEqual({
      server: {
        ...serverAddress('http://host:9997'),
        apiKey: 'xf-1',
        timeoutMs: 1500,
        maxRetries: 0,
        verifyTls: false,
        gate,
      },
      modelUid: 'org/模型 1',
    });
  });

  test.each<[string, object]>([
    ['absent', {}],
    ['empty', { api_key: '', invoke_timeout: '', max_retries: ' ', tls_verify: '' }],
    ['null', { api_key: null, invoke_timeout: null, max_retries: null, tls_verify: null }],
    [
      'of an older form',
      { model_type: 'chat', model_name: 7, completion_type: [], support_function_call: {} },
    ],
  ])('optional fields that are %s mean their defaults', (_what, fields) => {
    expect(readCredentials({ ...good, ...fields })).toEqual({
      server: {
        ...serverAddress('http://host:9997'),
        apiKey: undefined,
        timeoutMs: 300_000,
        maxRetries: 3,
        verifyTls: true,
        gate,
      },
      modelUid: 'qwen',
    });
  });

  test('numbers and truth values do for texts', () => {
    const { server, modelUid } = readCredentials({
      ...good,
      model_uid: 7,
      invoke_timeout: 60,
      max_retries: 2,
    });
    expect(modelUid).toBe('7');
    expect(server).toMatchObject({ timeoutMs: 60_000, maxRetries: 2 });
  });

  test('time is whole milliseconds, and never none', () => {
    expect(readServer({ ...good, invoke_timeout: '0.0001' }).timeoutMs).toBe(1);
    expect(readServer({ ...good, invoke_timeout: '0.0015' }).timeoutMs).toBe(2);
    expect(readServer({ ...good, invoke_timeout: 3600 }).timeoutMs).toBe(3_600_000);
  });

  test.each<[object | null | undefined, RegExp]>([
    [null, /server URL is empty/],
    [undefined, /server URL is empty/],
    [{}, /server URL is empty/],
    [{ model_uid: 'qwen' }, /server URL is empty/],
    [{ ...good, server_url: null }, /server URL is empty/],
    [{ ...good, server_url: 'host:9997' }, /type http:\/\/host:9997/],
    [{ ...good, server_url: ['http://host'] }, /field "Server URL" must be a text/],
    [{ server_url: 'http://host' }, /model UID is empty.*xinference list/],
    [{ ...good, model_uid: '  ' }, /model UID is empty/],
    [{ ...good, model_uid: { a: 1 } }, /field "Model UID" must be a text/],
    [{ ...good, api_key: 'xf 1' }, /API key has blanks/],
    [{ ...good, api_key: {} }, /field "API key" must be a text/],
    [{ ...good, invoke_timeout: '0' }, /field "Timeout in seconds" must be a number above 0 up to 3600/],
    [{ ...good, invoke_timeout: '-1' }, /"Timeout in seconds"/],
    [{ ...good, invoke_timeout: '3601' }, /"Timeout in seconds"/],
    [{ ...good, invoke_timeout: 'Infinity' }, /"Timeout in seconds"/],
    [{ ...good, invoke_timeout: '60s' }, /"Timeout in seconds"/],
    [{ ...good, invoke_timeout: [60] }, /field "Timeout in seconds" must be a text/],
    [{ ...good, max_retries: '11' }, /"Retries" must be a whole number from 0 up to 10/],
    [{ ...good, max_retries: '-1' }, /"Retries"/],
    [{ ...good, max_retries: '1.5' }, /"Retries"/],
    [{ ...good, max_retries: 'three' }, /"Retries"/],
    [{ ...good, tls_verify: 'maybe' }, /"Check the server's certificate" must be one of yes, no/],
    [{ ...good, tls_verify: false }, /"Check the server's certificate" must be one of yes, no/],
  ])('%j is refused', (form, message) => {
    const read = () => readCredentials(form as Record<string, unknown> | null | undefined);
    expect(read).toThrow(InvalidCredentialsError);
    expect(read).toThrow(message);
  });
});

describe('single fields', () => {
  test('a text is trimmed', () => {
    expect(textField({ language: ' en ' }, 'language')).toBe('en');
    expect(textField({}, 'language')).toBe('');
  });

  test('a number may have no default', () => {
    const range = { default: undefined, min: 1, max: 9, whole: true };
    expect(numberField({}, 'max_chunks', range)).toBeUndefined();
    expect(numberField({ max_chunks: '9' }, 'max_chunks', range)).toBe(9);
    expect(() => numberField({ max_chunks: '0' }, 'max_chunks', range)).toThrow(
      '"Texts per request" must be a whole number from 1 up to 9',
    );
  });

  test('a context is a whole number of tokens, or not known', () => {
    expect(contextSizeField({ context_size: '' })).toBeUndefined();
    expect(contextSizeField({ context_size: '8192' })).toBe(8192);
    expect(() => contextSizeField({ context_size: '8k' })).toThrow(
      'The field "Context size" must be a whole number from 1 up to 100000000.',
    );
  });

  test('a choice is one of its values, the first when absent', () => {
    expect(choiceField({}, 'audio_format', ['mp3', 'wav'])).toBe('mp3');
    expect(choiceField({ audio_format: 'wav' }, 'audio_format', ['mp3', 'wav'])).toBe('wav');
    expect(switchField({}, 'vision')).toBe('auto');
    expect(switchField({ vision: 'off' }, 'vision')).toBe('off');
    expect(() => switchField({ vision: 'yes' }, 'vision')).toThrow('"Vision" must be one of auto, on, off');
  });
});
