import type { FakeModel, ModelDescription } from '../models.ts';
import { sendJson } from '../replies.ts';
import { type FakeXinference, startFakeXinference } from '../xinference-server.ts';
import {
  bodyBytes,
  type olderVersions,
  type Recording,
  recording,
  recordingNames,
  requestBody,
} from './recordings.ts';
import { replay } from './replay.ts';

type Version = (typeof olderVersions)[number];

/** A request as far as it tells which recorded answer is like the one to it. */
interface Asked {
  readonly model?: string;
  readonly stream?: boolean;
  readonly tools?: unknown;
  readonly messages?: readonly unknown[];
}

/**
 * A server of an older version, as it was recorded: it describes the models that it ran then, and answers a `POST` as it
 * answered the recorded one that is most like it; what was recorded of nothing alike is answered as 4.1.0 does.
 */
export async function startOlderServer(version: Version): Promise<FakeXinference> {
  const server = await startFakeXinference({ models: modelsOf(version) });
  for (const name of ['meta-cluster-version', 'models-instances', 'models-list']) {
    server.replay(recording(`${version}/${name}`), { times: Number.POSITIVE_INFINITY });
  }
  const posts = recordingNames('', version)
    .map(recording)
    .filter(({ request }) => request.method === 'POST');
  for (const path of new Set(posts.map(({ request }) => request.path))) {
    const candidates = posts.filter(({ request }) => request.path === path);
    server.answer(`POST ${path}`, (request, response, socket) => {
      const found = mostAlike(candidates, request.body as Asked);
      if (found !== undefined) return replay(found, 'recorded')(request, response, socket);
      sendJson(response, 500, { detail: 'Nothing like it was recorded.' });
    });
  }
  return server;
}

function modelsOf(version: Version): FakeModel[] {
  const list = JSON.parse(bodyBytes(recording(`${version}/models-list`)).toString('utf8'));
  return (list.data as (ModelDescription & { id: string })[]).map(({ id, ...description }) => ({
    uid: id,
    description,
  }));
}

function mostAlike(candidates: readonly Recording[], asked: Asked): Recording | undefined {
  const alike = candidates.filter(candidate => {
    const { model, stream = false, tools } = requestBody(candidate) as Asked;
    return (
      model === asked.model &&
      stream === (asked.stream ?? false) &&
      (tools === undefined) === (asked.tools === undefined)
    );
  });
  const lastOf = ({ messages }: Asked) => JSON.stringify(messages?.at(-1));
  return alike.find(candidate => lastOf(requestBody(candidate) as Asked) === lastOf(asked)) ?? alike[0];
}
