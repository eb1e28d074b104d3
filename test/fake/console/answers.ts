import type { ServerResponse } from 'node:http';

/** What the console answers: a status and a body, as Dify's own handlers of errors make them. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly cookies?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
}

export function ok(body: unknown, status = 200): Answer {
  return { status, body };
}

/** Each error carries its status a second time. */
export function refusal(status: number, code: string, message: string): Answer {
  return { status, body: { code, message, status } };
}

export const forbidden = refusal(
  403,
  'forbidden',
  "You don't have the permission to access the requested resource. It is either read-protected or not readable by the server.",
);

/** Whatever is a `ValueError` in Dify: forms that break a rule, and what a plugin says of credentials. */
export function invalid(message: string): Answer {
  return refusal(400, 'invalid_param', message);
}

export function unauthorized(message: string): Answer {
  return refusal(401, 'unauthorized', message);
}

export function notAllowed(): Answer {
  return refusal(405, 'method_not_allowed', 'The method is not allowed for the requested URL.');
}

export function send(
  response: ServerResponse,
  { status, body, cookies = [], headers = {} }: Answer,
  version: string,
): void {
  response.statusCode = status;
  response.setHeader('content-type', 'application/json');
  response.setHeader('x-version', version);
  response.setHeader('x-env', 'PRODUCTION');
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (cookies.length > 0) response.setHeader('set-cookie', cookies);
  if (status === 401) response.setHeader('www-authenticate', 'Bearer realm="api"');
  response.end(status === 204 ? '' : JSON.stringify(body));
}
