import { describe, expect, test } from 'vitest';
import { InvalidCredentialsError } from '../../../models/common/credentials.ts';
import { invokeErrorOf, validationErrorOf } from '../../../models/common/errors.ts';
import { RequestCancelledError, TooManyRowsError } from '../../../src/dify/protocol/errors.ts';
import { type FailureKind, ServerError } from '../../../src/http/errors/errors.ts';

const types: Readonly<Record<FailureKind, string>> = {
  connection: 'InvokeConnectionError',
  timeout: 'InvokeConnectionError',
  unauthorized: 'InvokeAuthorizationError',
  banned: 'InvokeRateLimitError',
  'rate-limited': 'InvokeRateLimitError',
  loading: 'InvokeServerUnavailableError',
  unavailable: 'InvokeServerUnavailableError',
  'broken-answer': 'InvokeServerUnavailableError',
  'not-found': 'InvokeBadRequestError',
  'bad-request': 'InvokeBadRequestError',
};

describe('in an invoke', () => {
  test.each(Object.entries(types))('%s is %s', (kind, errorType) => {
    const cause = new ServerError(kind as FailureKind, 'what happened');
    expect(invokeErrorOf(cause)).toMatchObject({ errorType, message: 'what happened', cause });
  });

  test('bad credentials are a bad request', () => {
    expect(invokeErrorOf(new InvalidCredentialsError('no URL'))).toMatchObject({
      errorType: 'InvokeBadRequestError',
      message: 'no URL',
    });
  });
});

test.each([new ServerError('timeout', 'what happened'), new InvalidCredentialsError('what happened')])(
  'in a validation, %s has one name',
  error => {
    expect(validationErrorOf(error)).toMatchObject({
      errorType: 'CredentialsValidateFailedError',
      message: 'what happened',
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
