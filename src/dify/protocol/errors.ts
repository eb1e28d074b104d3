/**
 * An error that crosses the wire. Dify switches on its class name (`errorType`): its load balancing acts on rate
 * limit, authorization and connection errors, so the class matters as much as the text. The message is what the
 * user reads. It may repeat what a server said, and with it a prompt, so it is nothing for a log.
 */
export abstract class InvokeError extends Error {
  abstract readonly errorType: string;
  /** What of it a log may hold; nothing is logged of a failure without it, but its type. */
  readonly logged: string | undefined;

  constructor(message: string, { logged, ...options }: ErrorOptions & { readonly logged?: string } = {}) {
    super(message, options);
    this.logged = logged;
  }
}

/** The server cannot be reached: name lookup, refused, reset, TLS, timeout. */
export class InvokeConnectionError extends InvokeError {
  readonly errorType = 'InvokeConnectionError';
}

/** The server answered, but cannot serve now: an engine's 500, 502 to 504, a stream that broke off. */
export class InvokeServerUnavailableError extends InvokeError {
  readonly errorType = 'InvokeServerUnavailableError';
}

/** Too many requests, or an address ban after wrong keys. */
export class InvokeRateLimitError extends InvokeError {
  readonly errorType = 'InvokeRateLimitError';
}

/** The server refuses the key, or the key has no access. */
export class InvokeAuthorizationError extends InvokeError {
  readonly errorType = 'InvokeAuthorizationError';
}

/** The request cannot be served as it is: bad values, an unknown model or action, a part the model cannot take. */
export class InvokeBadRequestError extends InvokeError {
  readonly errorType = 'InvokeBadRequestError';
}

/** The embeddings of one call do not fit into one message. A plugin that lets users set how many texts go at once can say so. */
export class TooManyRowsError extends InvokeBadRequestError {
  /** How many would fit; 0 when not even one does. */
  readonly fitting: number;

  constructor(result: { rows: number; numbers: number; fitting: number; maxBytes: number }) {
    super(
      `The embeddings of ${result.rows} texts, ${result.numbers} numbers each, do not fit into the ${result.maxBytes} bytes that a Dify host takes at once. ` +
        (result.fitting > 0
          ? `${result.fitting} at a time do.`
          : 'Not even one does: use a model with shorter embeddings.'),
    );
    this.fitting = result.fitting;
  }
}

/** Anything that goes wrong while credentials are validated. */
export class CredentialsValidateFailedError extends InvokeError {
  readonly errorType = 'CredentialsValidateFailedError';
}

/** The host asked for the end of the session, or has gone away. */
export class RequestCancelledError extends InvokeError {
  readonly errorType = 'RequestCancelledError';
}

/** No generated content within the request's `first_token_timeout`. */
export class FirstTokenTimeoutError extends InvokeError {
  readonly errorType = 'FirstTokenTimeoutError';
}

/** A bug of this plugin. One session ends; the process lives. */
export class InternalError extends InvokeError {
  readonly errorType = 'InternalError';
}
