import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { type Answer, ok, refusal, unauthorized } from './answers.ts';

/** Who may log in. */
export interface FakeAccount {
  readonly email: string;
  readonly password: string;
}

type Fields = Readonly<Record<string, unknown>>;

/** How a console lets people in. */
export interface Sessions {
  logIn(body: Fields): Answer;
  /** @returns undefined for a request of somebody who is logged in */
  refuse(headers: IncomingHttpHeaders): Answer | undefined;
}

const MOST_FAILURES = 5;

/** Dify 1.13: the password in base64, three cookies, and one of them sent back in a header. */
export class CookieSessions implements Sessions {
  readonly #account: FakeAccount;
  readonly #prefix: string;
  readonly #plainPassword: boolean;
  readonly #adminKey: string | undefined;
  readonly #access = `eyJ.${randomUUID()}`;
  readonly #csrf = `eyJ.${randomUUID()}`;
  #failures = 0;

  /**
   * @param isHttps names the cookies as where Dify is served by https
   * @param plainPassword takes the password as it is, as 1.9.2 and 1.10 do
   */
  constructor(
    account: FakeAccount,
    {
      isHttps = false,
      plainPassword = false,
      adminKey,
    }: { isHttps?: boolean; plainPassword?: boolean; adminKey?: string | undefined } = {},
  ) {
    this.#account = account;
    this.#prefix = isHttps ? '__Host-' : '';
    this.#plainPassword = plainPassword;
    this.#adminKey = adminKey;
  }

  /** What a browser would show of a session. */
  get cookies(): string {
    return `${this.#prefix}access_token=${this.#access}; locale=en-US; ${this.#prefix}csrf_token=${this.#csrf}`;
  }

  get accessToken(): string {
    return this.#access;
  }

  logIn({ email, password }: Fields): Answer {
    const typed = this.#plainPassword ? String(password) : decoded(String(password));
    if (typed === undefined) return refusal(401, 'authentication_failed', 'Invalid encrypted data');
    if (this.#failures >= MOST_FAILURES) {
      return refusal(
        429,
        'email_code_login_limit',
        'Too many incorrect password attempts. Please try again later.',
      );
    }
    if (email !== this.#account.email || typed !== this.#account.password) {
      this.#failures++;
      return refusal(401, 'authentication_failed', 'Invalid email or password.');
    }
    this.#failures = 0;
    const rest = 'Path=/; SameSite=Lax';
    return {
      ...ok({ result: 'success' }),
      cookies: [
        `${this.#prefix}access_token=${this.#access}; HttpOnly; Max-Age=3600; ${rest}`,
        `${this.#prefix}refresh_token=${randomUUID()}; HttpOnly; Max-Age=2592000; ${rest}`,
        `${this.#prefix}csrf_token=${this.#csrf}; Expires=Mon, 30 Nov 2026 09:00:00 GMT; ${rest}`,
      ],
    };
  }

  refuse(headers: IncomingHttpHeaders): Answer | undefined {
    const cookie = (name: string) =>
      headers.cookie
        ?.split('; ')
        .find(pair => pair.startsWith(`${this.#prefix}${name}=`))
        ?.split('=')[1];
    const access = cookie('access_token') ?? bearerOf(headers);
    if (
      this.#adminKey !== undefined &&
      access === this.#adminKey &&
      headers['x-workspace-id'] !== undefined
    ) {
      return undefined;
    }
    if (access !== this.#access) return unauthorized('Invalid Authorization token.');
    const csrf = headers['x-csrf-token'];
    return csrf === this.#csrf && csrf === cookie('csrf_token')
      ? undefined
      : unauthorized('CSRF token is missing or invalid.');
  }
}

/** Dify 1.4: the password as it is, and a bearer token. */
export class BearerSessions implements Sessions {
  readonly #account: FakeAccount;
  readonly accessToken = `eyJ.${randomUUID()}`;
  #failures = 0;

  constructor(account: FakeAccount) {
    this.#account = account;
  }

  logIn({ email, password }: Fields): Answer {
    if (!/^(?=.*[a-zA-Z])(?=.*\d).{8,}$/.test(String(password))) {
      const message = 'Password must contain letters and numbers, and the length must be greater than 8.';
      return { status: 400, body: { code: 'invalid_param', message, params: 'password' } };
    }
    if (this.#failures >= MOST_FAILURES) {
      return refusal(
        429,
        'email_code_login_limit',
        'Too many incorrect password attempts. Please try again later.',
      );
    }
    if (email !== this.#account.email) return refusal(400, 'account_not_found', 'Account not found.');
    if (password !== this.#account.password) {
      this.#failures++;
      return refusal(400, 'email_or_password_mismatch', 'The email or password is mismatched.');
    }
    this.#failures = 0;
    return ok({ result: 'success', data: { access_token: this.accessToken, refresh_token: randomUUID() } });
  }

  refuse(headers: IncomingHttpHeaders): Answer | undefined {
    return bearerOf(headers) === this.accessToken ? undefined : unauthorized('Invalid Authorization token.');
  }
}

function bearerOf({ authorization }: IncomingHttpHeaders): string | undefined {
  return /^bearer (.*)$/i.exec(authorization ?? '')?.[1];
}

/** As Python reads base64: characters that do not belong there are passed over, but its end must fit. */
function decoded(base64: string): string | undefined {
  const letters = base64.replace(/[^A-Za-z0-9+/]/g, '');
  const padding = base64.match(/=/g)?.length ?? 0;
  if ((letters.length + padding) % 4 !== 0) return undefined;
  const bytes = Buffer.from(letters, 'base64');
  const text = bytes.toString('utf8');
  return Buffer.from(text).equals(bytes) ? text : undefined;
}
