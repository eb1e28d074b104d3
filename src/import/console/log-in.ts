import { type Fields, isObject } from '../../text/json.ts';
import type { ConsoleAnswer, ConsoleClient } from './console-client.ts';
import { type Cookies, cookieHeader, csrfToken, readCookies, withSetCookies } from './cookies.ts';
import { ConsoleError, type ConsoleProblem } from './errors.ts';

/** Who asks. */
export type Account =
  | { readonly kind: 'password'; readonly email: string; readonly password: string }
  /** @param workspace the id that Dify wants beside its `ADMIN_API_KEY` */
  | { readonly kind: 'token'; readonly token: string; readonly workspace: string | undefined };

/** Refusals that no other spelling of the password would change. */
const FINAL: ReadonlySet<string> = new Set([
  'account_banned',
  'account_in_freeze',
  'account_not_found',
  'invalid_email',
  'not_init_validated',
  'not_setup',
]);

/**
 * Logs in, and lets the client send what proves it from then on. Since 1.9.2 Dify gives cookies, before that a bearer
 * token; since 1.11.2 it wants the password in base64, before that as it is. Which Dify it is shows itself in its
 * answers only, so the newer way is tried first.
 * @returns how old this Dify is, as far as the session tells
 * @throws ConsoleError
 */
export async function logIn(client: ConsoleClient, account: Account): Promise<string | undefined> {
  if (account.kind === 'token') {
    const { token, workspace } = account;
    const cookies = readCookies(token);
    if (csrfToken(cookies) !== undefined) authorizeBy(client, cookies);
    else {
      const authorization = `Bearer ${token}`;
      const headers = { authorization, ...(workspace !== undefined && { 'x-workspace-id': workspace }) };
      client.authorize(headers, [token]);
    }
    return undefined;
  }
  const answer = await sendPassword(client, account);
  const cookies = withSetCookies(new Map(), answer.setCookies);
  if (csrfToken(cookies) !== undefined) {
    authorizeBy(client, cookies);
    return '1.9.2 or newer';
  }
  const { result, data, message } = answer.fields;
  const token = isObject(data) ? data['access_token'] : undefined;
  if (typeof token === 'string') {
    client.authorize({ authorization: `Bearer ${token}` }, [token]);
    return 'older than 1.9.2';
  }
  throw new ConsoleError('unauthorized', failureIn({ result, data, message, code: answer.fields['code'] }));
}

async function sendPassword(
  client: ConsoleClient,
  { email, password }: Extract<Account, { kind: 'password' }>,
): Promise<ConsoleAnswer> {
  const send = (spelled: string) =>
    client.ask({
      method: 'POST',
      path: '/login',
      body: { email, password: spelled, language: 'en-US', remember_me: true },
    });
  try {
    return await send(Buffer.from(password).toString('base64'));
  } catch (error) {
    if (!isOlder(client.version) || !mayBeSpelling(error)) throw asLoginError(error);
  }
  try {
    return await send(password);
  } catch (error) {
    throw asLoginError(error);
  }
}

/** Whether a Dify wants the password as it is. A wrong password counts: five lock the account out for a day. */
function isOlder(version: string | undefined): boolean {
  return (version ?? '').localeCompare('1.11.2', 'en', { numeric: true }) < 0;
}

function mayBeSpelling(error: unknown): boolean {
  return (
    error instanceof ConsoleError && (error.status === 400 || error.status === 401) && !FINAL.has(error.code)
  );
}

/** What Dify says to this account; a refusal of whatever else stands there is told as it is. */
function asLoginError(error: unknown): unknown {
  if (!(error instanceof ConsoleError) || !REFUSALS.has(error.problem)) return error;
  const { status = 0, code } = error;
  return new ConsoleError('unauthorized', `Dify does not let this account in: ${error.message}`, {
    status,
    code,
  });
}

const REFUSALS: ReadonlySet<ConsoleProblem> = new Set(['refused', 'unauthorized', 'forbidden']);

/** An answer with status 200 may still be a failure. Its `data` is shown only where it is a sentence: it may be a token. */
function failureIn({ data, message, code }: Fields): string {
  const said = [message, data].find(text => typeof text === 'string' && text.includes(' ')) ?? code;
  return `Dify does not let this account in: ${typeof said === 'string' ? said : 'it gave no session'}`;
}

function authorizeBy(client: ConsoleClient, cookies: Cookies): void {
  const headers = { cookie: cookieHeader(cookies), 'x-csrf-token': csrfToken(cookies) ?? '' };
  client.authorize(headers, [...cookies.values()]);
}
