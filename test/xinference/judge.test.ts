import { describe, expect, it } from 'vitest';
import type { FailureCode } from '../../src/http/errors/errors.ts';
import { recorded, recordedFailures } from '../fake/xinference/recordings/failures.ts';

const codes: Readonly<Record<string, FailureCode>> = {
  'asr-no-file': 'request-refused',
  'auth-banned': 'banned',
  'auth-banned-chat': 'banned',
  'auth-banned-good-key': 'banned',
  'auth-basic': 'key-refused',
  'auth-before-setup': 'key-refused',
  'auth-chat-unknown-model': 'model-unknown',
  'auth-describe-unknown': 'model-unknown',
  'auth-empty': 'key-refused',
  'auth-expired': 'key-refused',
  'auth-launch-forbidden': 'access-denied',
  'auth-login-bad': 'key-refused',
  'auth-model-forbidden': 'access-denied',
  'auth-no-header': 'key-refused',
  'auth-no-header-chat': 'key-refused',
  'auth-setup-no-token': 'access-denied',
  'auth-version-forbidden': 'access-denied',
  'auth-wrong-key': 'key-refused',
  'auth-wrong-key-chat-stream': 'key-refused',
  'auth-x-api-key': 'key-refused',
  'chat-llamacpp-logit-bias': 'request-refused',
  'error-bad-json': 'request-refused',
  'error-body-array': 'request-refused',
  'error-chat-on-embedding': 'model-failed',
  'error-chat-on-rerank': 'model-failed',
  'error-embeddings-bad-json': 'request-refused',
  'error-empty-body': 'request-refused',
  'error-messages-string': 'request-refused',
  'error-method': 'path-unknown',
  'error-no-messages': 'request-refused',
  'error-no-model': 'request-refused',
  'error-rerank-bad-json': 'request-refused',
  'error-unknown-model': 'model-unknown',
  'error-unknown-model-again': 'model-unknown',
  'error-unknown-model-stream': 'model-unknown',
  'limit-chat': 'rate-limited',
  'loading-chat-stream': 'loading',
  'loading-describe': 'loading',
  'loading-embeddings': 'loading',
  'path-trailing-slash': 'path-unknown',
  'path-trailing-slash-post': 'path-unknown',
  'path-unknown': 'path-unknown',
  'path-wrong-prefix': 'path-unknown',
  'tools-unsupported': 'request-refused',
  'tts-fail': 'model-failed',
};

describe('recorded failures', () => {
  it.each(Object.entries(codes))('%s is %s', (name, code) => {
    expect(recorded(name).code).toBe(code);
  });

  it('the table has every failure of its families', () => {
    const names = recordedFailures.filter(name => /^(error|auth|limit|loading|path)-/.test(name));
    expect(names.filter(name => !(name in codes))).toEqual([]);
  });

  it.each([
    ['1.17.1/chat-llamacpp-tools', 'model-failed'],
    ['1.17.1/chat-transformers-stream-tools', 'request-refused'],
    ['1.17.1/error-unknown-model', 'model-unknown'],
    ['1.5.1/tts-on-whisper', 'model-failed'],
  ])('of older servers, %s is %s', (name, code) => {
    expect(recorded(name).code).toBe(code);
  });

  it('only overload and loading are worth another try', () => {
    const retried = recordedFailures.filter(name => recorded(name).isRetryable);
    expect(retried).toEqual(['limit-chat', 'loading-chat-stream', 'loading-describe', 'loading-embeddings']);
  });

  it('a loading model says when to try again', () => {
    expect(recorded('loading-describe')).toMatchObject({ retryAfterMs: 30_000, isRetryable: true });
    expect(recorded('loading-describe').message).toMatch(/The model is still loading.*tried again in 30 s/);
  });

  it('the internal address of an actor is left out', () => {
    expect(recorded('loading-chat-stream').message).not.toContain('[address=');
  });
});
