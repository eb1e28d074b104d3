import type { ServerError } from '../../../../src/http/errors/errors.ts';
import { errorFromResponse } from '../../../../src/http/errors/http-errors.ts';
import { xinferenceJudge } from '../../../../src/xinference/judge.ts';
import { serverAt } from '../../../http/servers.ts';
import { bodyBytes, recording, recordingNames } from './recordings.ts';

export const KEY = 'xf-0123456789';

/** The recorded answers that are not a success. */
export const recordedFailures = recordingNames().filter(name => recording(name).response.status >= 300);

/** A recorded failure as the client tells it. */
export function recorded(name: string): ServerError {
  const { request, response } = recording(name);
  const header = (wanted: string) =>
    response.headers.find(line => line.toLowerCase().startsWith(`${wanted}:`))?.replace(/^[^:]*:\s*/, '');
  const answer = {
    status: response.status,
    contentType: header('content-type') ?? '',
    retryAfter: header('retry-after'),
    body: bodyBytes(recording(name)).toString('utf8'),
  };
  const server = serverAt('http://xinference:9997', { apiKey: KEY });
  return errorFromResponse(server, request.path, answer, xinferenceJudge);
}
