import { describe, expect, test } from 'vitest';
import { failureIn } from '../../../../models/openai/answer/failure.ts';

describe('a chunk that tells of a failure', () => {
  test.each<[string, Record<string, unknown>, unknown]>([
    ['an error text', { error: 'boom' }, 'boom'],
    ['an empty one', { error: '' }, ''],
    ['an error beside choices', { error: { message: 'boom' }, choices: [{}] }, 'boom'],
    ['an error with a code', { error: { code: 429, message: 'slow down' } }, '429: slow down'],
    ['an error with the code that all have', { error: { code: 500, message: 'boom' } }, 'boom'],
    ['an error without words', { error: { code: 7 } }, '{"code":7}'],
    ['an error with words of its own kind', { error: { msg: 'boom' } }, 'boom'],
    ['an error within an error', { error: { error: { message: 'boom' } } }, 'boom'],
    ['an error that is true', { error: true, message: 'boom' }, 'boom'],
    ['Spring', { status: 500, error: 'Bad', message: 'boom' }, 'Bad: boom'],
    ['FastAPI', { detail: 'boom' }, 'boom'],
    ['FastAPI, without a word', { detail: '' }, '{"detail":""}'],
    ['FastAPI, a form check', { detail: [{ loc: ['body'], msg: 'x' }] }, [{ loc: ['body'], msg: 'x' }]],
    ['FastChat', { text: 'boom', error_code: 50001 }, '50001: boom'],
    ['Baidu', { error_code: 17, error_msg: 'limit reached' }, '17: limit reached'],
    ['DashScope', { code: 'InvalidParameter', message: 'boom' }, 'InvalidParameter: boom'],
    ['a code alone', { code: 40001 }, '{"code":40001}'],
    ['MiniMax', { base_resp: { status_code: 1004, status_msg: 'boom' } }, '1004: boom'],
    ['vLLM', { object: 'error', message: 'boom', code: 400 }, '400: boom'],
    ['an event of the type error', { type: 'error', message: 'boom' }, 'boom'],
    ['a status', { status: 'failed', reason: 'boom' }, 'boom'],
    ['no success', { success: false, msg: 'boom' }, 'boom'],
    ['no choices in their place', { choices: null, detail: 'boom' }, 'boom'],
    ['an empty list of choices', { choices: [], error_message: 'boom' }, 'boom'],
  ])('%s', (_name, chunk, told) => {
    expect(failureIn(chunk)).toEqual(told);
  });

  test.each<[string, Record<string, unknown>]>([
    ['choices', { choices: [{}], code: 1, detail: 'x' }],
    ['usage', { choices: [], usage: { prompt_tokens: 1 } }],
    [
      'fields that say that all is well',
      { code: 0, error: null, error_code: '0', success: true, status: 200, detail: null },
    ],
    ['an error that is none', { error: false, choices: [] }],
    ['nothing', {}],
    ['a word', { message: 'ping' }],
  ])('not %s', (_name, chunk) => {
    expect(failureIn(chunk)).toBeUndefined();
  });
});
