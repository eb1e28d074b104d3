import type { Judge } from '../errors/judge.ts';
import type { ModelServer } from '../server.ts';
import type { ResponseBody } from './response-body.ts';

/** The head of a successful answer, and its body to be read or destroyed by the caller. */
export interface HttpResponse {
  readonly server: ModelServer;
  /** Below the server's base URL. */
  readonly path: string;
  /** Of the request, whole. */
  readonly url: string;
  readonly judge: Judge;
  readonly status: number;
  /** Lower case, without parameters; empty when there is none. */
  readonly contentType: string;
  readonly body: ResponseBody;
}
