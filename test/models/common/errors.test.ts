import { describe, expect, test } from 'vitest';
import { InvalidCredentialsError } from '../../../models/common/credentials.ts';
import { invokeErrorOf, validationErrorOf } from '../../../models/common/errors.ts';
import { RequestCancelledError, TooManyRowsError } from '../../../src/dify/protocol/errors.ts';
import { type FailureCode, ServerError } from '../../../src/http/errors/errors.ts';
import { Gate } from '../../../src/text/gate.ts';

const gate = new Gate();
const failed = (code: FailureCode) => new ServerError(code, { gate }, 'It failed');

const types: Partial<Record<FailureCode, string>> = {
  refused: 'InvokeConnectionError',
  silent: 'InvokeConnectionError',
  'key-refused': 'InvokeAuthorizationError',
  'access-denied': 'InvokeAuthorizationError',
  banned: 'InvokeRateLimitError',
  'rate-limited': 'InvokeRateLimitError',
  loading: 'InvokeServerUnavailableError',
  'model-failed': 'InvokeServerUnavailableError',
  'broke-off': 'InvokeServerUnavailableError',
  'no-answer': 'InvokeServerUnavailableError',
  'model-unknown': 'InvokeBadRequestError',
  'request-refused': 'InvokeBadRequestError',
};

describe('in an invoke', () => {
  test.each(Object.entries(types))('%s is %s', (code, errorType) => {
    const cause = failed(code as FailureCode);
    const message = expect.stringMatching(/^It failed\. [A-Z].*\.$/);
    expect(invokeErrorOf(cause)).toMatchObject({ errorType, message, cause, logged: `It failed (${code}).` });
  });

  test('bad credentials are a bad request', () => {
    expect(invokeErrorOf(new InvalidCredentialsError('no URL'))).toMatchObject({
      errorType: 'InvokeBadRequestError',
      message: 'no URL',
    });
  });
});

test.each([failed('silent'), new InvalidCredentialsError('It failed')])(
  'in a validation, %s has one name',
  error => {
    expect(validationErrorOf(error)).toMatchObject({
      errorType: 'CredentialsValidateFailedError',
      message: expect.stringContaining('It failed'),
    });
  },
);

test('bugs, and what Dify knows already, stay what they are', () => {
  for (const error of [new TypeError('bug'), new RequestCancelledError('stop'), 'odd', undefined]) {
    expect(invokeErrorOf(error)).toBe(error);
    expect(validationErrorOf(error)).toBe(error);
  }
});

test('embeddings that do not fit say what to set in the form', () => {
  const error = invokeErrorOf(
    new TooManyRowsError({ rows: 50, numbers: 256, fitting: 12, maxBytes: 40_000 }),
  );
  expect(error).toMatchObject({
    errorType: 'InvokeBadRequestError',
    message: expect.stringMatching(/50 texts, 256 numbers each.*"Texts per request" .* to 12 or less\./),
  });
});
