import {
  CredentialsValidateFailedError,
  InvokeAuthorizationError,
  InvokeBadRequestError,
  InvokeConnectionError,
  type InvokeError,
  InvokeRateLimitError,
  InvokeServerUnavailableError,
  TooManyRowsError,
} from '../../src/dify/index.ts';
import { type FailureKind, ServerError } from '../../src/http/errors/errors.ts';
import { InvalidCredentialsError } from './credentials.ts';
import { fieldName } from './form-labels.ts';

type InvokeErrorClass = new (message: string, options: { cause: unknown }) => InvokeError;

/** Dify's load balancing switches to another credential on connection, rate limit and authorization errors. */
const CLASS_OF: Readonly<Record<FailureKind, InvokeErrorClass>> = {
  connection: InvokeConnectionError,
  timeout: InvokeConnectionError,
  unauthorized: InvokeAuthorizationError,
  banned: InvokeRateLimitError,
  'rate-limited': InvokeRateLimitError,
  loading: InvokeServerUnavailableError,
  unavailable: InvokeServerUnavailableError,
  'broken-answer': InvokeServerUnavailableError,
  'not-found': InvokeBadRequestError,
  'bad-request': InvokeBadRequestError,
};

/** Any failure in Dify's terms, as the runtime tells it to the host; bugs pass as they are. */
export function invokeErrorOf(error: unknown): unknown {
  if (error instanceof TooManyRowsError && error.fitting > 0) {
    return new InvokeBadRequestError(
      `${error.message} Set ${fieldName('max_chunks')} in the credentials of the model to ${error.fitting} or less.`,
    );
  }
  if (error instanceof ServerError) return new CLASS_OF[error.kind](error.message, { cause: error });
  if (error instanceof InvalidCredentialsError)
    return new InvokeBadRequestError(error.message, { cause: error });
  return error;
}

/** What the host shall be told of a failure while credentials are validated; bugs pass as they are. */
export function validationErrorOf(error: unknown): unknown {
  const known = error instanceof ServerError || error instanceof InvalidCredentialsError;
  return known ? new CredentialsValidateFailedError(error.message, { cause: error }) : error;
}
