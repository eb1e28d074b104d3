import {
  CredentialsValidateFailedError,
  InvokeBadRequestError,
  type InvokeError,
  TooManyRowsError,
} from '../../src/dify/index.ts';
import { ServerError } from '../../src/http/errors/errors.ts';
import { type InvokeErrorClass, invokeErrorFrom } from '../openai/invoke-error.ts';
import { adviceFor } from './advice.ts';
import { InvalidCredentialsError } from './credentials.ts';
import { fieldName } from './form-labels.ts';

/** Any failure in Dify's terms, as the runtime tells it to the host; bugs pass as they are. */
export function invokeErrorOf(error: unknown): unknown {
  if (error instanceof TooManyRowsError && error.fitting > 0) {
    return new InvokeBadRequestError(
      `${error.message} Set ${fieldName('max_chunks')} in the credentials of the model to ${error.fitting} or less.`,
    );
  }
  if (error instanceof ServerError) return invokeErrorFrom(error, adviceFor(error));
  if (error instanceof InvalidCredentialsError)
    return new InvokeBadRequestError(error.message, { cause: error, logged: error.message });
  return error;
}

/** What the host shall be told of a failure while credentials are validated; bugs pass as they are. */
export function validationErrorOf(error: unknown): unknown {
  if (error instanceof ServerError) return explained(error, CredentialsValidateFailedError, tellingOf(error));
  if (error instanceof InvalidCredentialsError)
    return new CredentialsValidateFailedError(error.message, { cause: error, logged: error.message });
  return error;
}

/** A failure of a server as a user is told of it: what happened, where, what the server said, what to try. */
export function tellingOf(error: ServerError): string {
  return `${error.message} ${adviceFor(error)}`;
}

/** A failure of a server, told in another way. */
export function explained(error: ServerError, as: InvokeErrorClass, message: string): InvokeError {
  return new as(message, { cause: error, logged: error.logged });
}
