import { InvokeBadRequestError, type RawCredentials } from '../../../src/dify/index.ts';
import { InvalidServerError, serverAddress } from '../../../src/http/address.ts';
import { type ModelServer, normalizeApiKey } from '../../../src/http/server.ts';
import { Gate } from '../../../src/text/gate.ts';

/** The fields of the form, read; `contextSize` is in tokens. @throws InvokeBadRequestError for what cannot be used */
export function readForm(form: RawCredentials | null | undefined): {
  server: ModelServer;
  contextSize: number;
} {
  const field = (name: string) => String(form?.[name] ?? '');
  const contextSize = Number(field('context_size') || 8192);
  if (!(contextSize >= 1)) throw new InvokeBadRequestError('The context size must be a number of tokens.');
  try {
    const apiKey = normalizeApiKey(field('api_key'));
    const server = {
      ...serverAddress(field('server_url')),
      apiKey,
      timeoutMs: 300_000,
      maxRetries: 3,
      verifyTls: true,
      gate: new Gate([apiKey]),
    };
    return { server, contextSize };
  } catch (error) {
    throw error instanceof InvalidServerError ? new InvokeBadRequestError(error.message) : error;
  }
}
