import {
  badGateway,
  badRequest,
  banned,
  blackHole,
  closeMidBody,
  empty200,
  engineFailure,
  errorFrame,
  forbidden,
  gatewayTimeout,
  html200,
  invalidRequest,
  loading,
  notFound,
  notImplemented,
  rateLimited,
  resetBeforeHead,
  resetMidBody,
  stall,
  status,
  truncatedJson,
  unauthorized,
  unavailable,
  unprocessable,
  wrongJson,
} from '../fake/xinference/faults.ts';
import type { Handler } from '../fake/xinference/replies.ts';
import { INVOKE_TIMEOUT } from './set-up.ts';

/** A way in which a server fails to answer one request. */
export interface Fault {
  readonly name: string;
  readonly handler: Handler;
  readonly errorType: string;
  /** Another try may help, so it is tried as often as the form says. */
  readonly retried?: boolean;
  /** The connection that the description came over may have been dead already: it is sent once more, at once. */
  readonly resent?: boolean;
  /** Sound has no place for it: there a server can only say so by a status. */
  readonly inText?: boolean;
  /** What the server asks to wait between two tries, in ms; without it the waits grow by themselves. */
  readonly waitMs?: number;
  /** What the message says besides the URL. */
  readonly says: RegExp;
  /** Part of an answer has come before: what streams has handed it on. */
  readonly midBody?: boolean;
}

/** Silence for as long as the form bears it. */
export const NO_ANSWER = new RegExp(`No answer .* for ${INVOKE_TIMEOUT} s`);

const connection = 'InvokeConnectionError';
const down = 'InvokeServerUnavailableError';
const bad = 'InvokeBadRequestError';
const limited = 'InvokeRateLimitError';
const denied = 'InvokeAuthorizationError';

/** Faults of a server that can be reached. */
export const faults: readonly Fault[] = [
  {
    name: 'a reset before the head',
    handler: resetBeforeHead,
    errorType: connection,
    resent: true,
    says: /closed before an answer|broke off before an answer .* may have worked on the request/,
  },
  {
    name: 'a reset in the body',
    handler: resetMidBody,
    errorType: down,
    midBody: true,
    says: /broke off|ended before/,
  },
  {
    name: 'a close in the body',
    handler: closeMidBody,
    errorType: down,
    midBody: true,
    says: /broke off|ended before/,
  },
  { name: 'a black hole', handler: blackHole, errorType: connection, says: NO_ANSWER },
  {
    name: 'silence in the body',
    handler: stall,
    errorType: connection,
    midBody: true,
    says: NO_ANSWER,
  },
  { name: '400', handler: badRequest, errorType: bad, says: /context length/ },
  { name: '401', handler: unauthorized, errorType: denied, says: /API key/ },
  { name: '403', handler: forbidden, errorType: denied, says: /does not have access/ },
  { name: '404', handler: notFound, errorType: bad, says: /not (?:know|found)|no model/ },
  { name: '422', handler: unprocessable, errorType: bad, says: /body\.file: Field required/ },
  {
    name: '429 of a request limit',
    handler: rateLimited,
    errorType: limited,
    retried: true,
    says: /more requests than it takes/,
  },
  { name: '429 of a ban', handler: banned, errorType: limited, says: /locked this address out/ },
  { name: '500 of an engine', handler: engineFailure, errorType: down, says: /out of memory/ },
  { name: '500 as plain text', handler: invalidRequest, errorType: bad, says: /temperature/ },
  { name: '501', handler: notImplemented, errorType: bad, says: /Not implemented/ },
  { name: '502', handler: badGateway, errorType: down, retried: true, says: /502 Bad Gateway/ },
  { name: '503', handler: unavailable, errorType: down, retried: true, says: /503 Service/ },
  {
    name: '503 with Retry-After',
    handler: loading(7),
    errorType: down,
    retried: true,
    waitMs: 7_000,
    says: /still loading.*7 s/,
  },
  {
    name: '503 with a long Retry-After',
    handler: loading(120),
    errorType: down,
    says: /still loading.*120 s/,
  },
  { name: '504', handler: gatewayTimeout, errorType: down, retried: true, says: /504 Gateway/ },
  { name: '418', handler: status(418, { detail: 'teapot' }), errorType: bad, says: /teapot/ },
  { name: 'a redirect', handler: status(302, '', { location: '/login' }), errorType: bad, says: /redirect/i },
  { name: 'a page with 200', handler: html200, errorType: down, says: /Sign in|text\/html/ },
  {
    name: 'nothing with 200',
    handler: empty200,
    errorType: down,
    says: /nothing|empty|ended before|not with a stream/,
  },
  { name: 'JSON of something else', handler: wrongJson, errorType: down, says: /./ },
  { name: 'JSON cut off', handler: truncatedJson, errorType: down, midBody: true, says: /./ },
  {
    name: 'an error in the body, a text',
    handler: errorFrame('[address=127.0.0.1:45193, pid=3663] CUDA error'),
    errorType: down,
    midBody: true,
    inText: true,
    says: /./,
  },
  {
    name: 'an error in the body, an object',
    handler: errorFrame({ message: 'CUDA error', code: 500 }),
    errorType: down,
    midBody: true,
    inText: true,
    says: /./,
  },
];
