import { textOf } from '../../text/text-of.ts';
import { InternalError, InvokeError } from './errors.ts';

/** An error as the wire takes it: wire errors as they are, anything else as an {@link InternalError}. */
export function toInvokeError(error: unknown): InvokeError {
  if (error instanceof InvokeError) return error;
  const text = error instanceof Error ? `${error.name}: ${error.message}` : textOf(error);
  return new InternalError(
    `The plugin failed on this request (${text}). This is a bug of the plugin: please report it with the plugin's log.`,
    { cause: error },
  );
}
