import type { ServerResponse } from 'node:http';
import { createGate } from './auth.ts';
import { speech, transcription } from './endpoints/audio.ts';
import { chat } from './endpoints/chat.ts';
import type { Pace } from './endpoints/chat-answer.ts';
import { completion } from './endpoints/completion.ts';
import { embeddings, rerank } from './endpoints/embeddings.ts';
import type { FakeModel } from './models.ts';
import { Refusal, refusal } from './refusal.ts';
import { type Handler, send, sendJson } from './replies.ts';
import type { FakeRequest } from './request.ts';

export interface RouteOptions extends Pace {
  readonly models: readonly FakeModel[];
  readonly reply?: string | undefined;
  readonly apiKeys?: readonly string[] | undefined;
}

/** What the answers of the single endpoints share. */
export interface ServerState extends RouteOptions {
  /** The model with this uid; throws a `Refusal` if it is not there or not ready. */
  find(uid: unknown): FakeModel;
}

type Endpoint = (request: FakeRequest, response: ServerResponse, server: ServerState) => void | Promise<void>;

/** Answered without a key even where keys are wanted. */
const openEndpoints: Readonly<Record<string, Endpoint>> = {
  'GET /': (_request, response) => send(response, 200, 'text/html; charset=utf-8', page),
  'GET /status': (_request, response) => sendJson(response, 200, { uptime: 503, workers: {} }),
  'GET /v1/address': (_request, response) => sendJson(response, 200, '127.0.0.1:21657'),
  'GET /v1/cluster/auth': (_request, response, server) =>
    sendJson(response, 200, { auth: server.apiKeys !== undefined }),
  'GET /v1/cluster/version': (_request, response, server) => {
    if (server.apiKeys !== undefined) {
      throw refusal(403, 'API keys can only access model query and inference endpoints');
    }
    sendJson(response, 200, {
      version: '4.1.0',
      'full-revisionid': 'a3625815f8daa70a1beb428734147ca973cf916c',
    });
  },
};

const inference: Readonly<Record<string, Endpoint>> = {
  'POST /v1/chat/completions': chat,
  'POST /v1/completions': completion,
  'POST /v1/embeddings': embeddings,
  'POST /v1/rerank': rerank,
  'POST /v1/audio/speech': speech,
  'POST /v1/audio/transcriptions': transcription,
  'POST /v1/audio/translations': transcription,
};

const page = '<!DOCTYPE html><html lang="en"><head><title>Xinference</title></head><body></body></html>';

/** The answers of an untouched server. */
export function createRoutes(options: RouteOptions): Handler {
  const admit = createGate(options.apiKeys);
  const server: ServerState = { ...options, find: createFinder(options.models) };
  return async (request, response) => {
    try {
      await route(request, admit)(request, response, server);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      error.send(response);
    }
  };
}

function route(request: FakeRequest, admit: (request: FakeRequest, scope: string) => void): Endpoint {
  const { method, path } = request;
  const open = openEndpoints[request.route];
  if (open !== undefined) return open;
  const known = inference[request.route];
  if (known !== undefined) {
    admit(request, 'models:read');
    return known;
  }
  if (method === 'GET' && /^\/v1\/models(\/.|$)/.test(path)) {
    admit(request, 'models:list');
    if (path === '/v1/models/instances') return instances;
    return path === '/v1/models' ? list : describe;
  }
  // A slash at the end leads to the web page's route, which is for GET alone.
  throw method === 'POST' && path.endsWith('/')
    ? refusal(405, 'Method Not Allowed')
    : refusal(404, 'Not Found');
}

const list: Endpoint = (_request, response, { models }) => {
  const rows = models.map(({ uid, description }) => ({
    id: uid,
    object: 'model',
    created: 0,
    owned_by: 'xinference',
    ...description,
  }));
  sendJson(response, 200, { object: 'list', data: rows });
};

const instances: Endpoint = (_request, response, { models }) => {
  const rows = models.map(({ uid, description, loading = false }) => {
    const status = loading ? 'CREATING' : 'READY';
    return {
      model_name: description.model_name,
      model_uid: uid,
      model_version: null,
      model_ability: loading ? [] : description.model_ability,
      replica: description['replica'],
      status,
      instance_created_ts: 1_795_383_015,
      n_worker: 1,
      replica_statuses: [
        {
          replica_id: 0,
          replica_model_uid: `${uid}-rep0`,
          worker_address: '127.0.0.1:65321',
          status,
          model_state: loading ? '' : 'ready',
          created_ts: 1_795_383_015,
          error_message: null,
          replica_uid: null,
          gpu_idx: null,
        },
      ],
    };
  });
  sendJson(response, 200, rows);
};

const describe: Endpoint = (request, response, { models }) => {
  const uid = decode(request.path.slice('/v1/models/'.length));
  // The real server decodes a path before it looks for its route, so a uid with a slash is no uid any more.
  if (uid.includes('/')) throw refusal(404, 'Not Found');
  const model = models.find(model => model.uid === uid);
  if (model === undefined) throw refusal(400, notFound(uid));
  sendJson(response, 200, ready(model).description);
};

function createFinder(models: readonly FakeModel[]): ServerState['find'] {
  const missed = new Set<unknown>();
  return uid => {
    const model = models.find(model => model.uid === uid);
    if (model !== undefined) return ready(model);
    if (missed.has(uid)) {
      throw refusal(404, `Model not found in the model list, uid: ${uid} (cached, retry after 10.0s)`);
    }
    missed.add(uid);
    const uids = models.map(model => `'${model.uid}'`).join(', ');
    throw refusal(404, `${notFound(String(uid))}. Available model uids: [${uids}]`);
  };
}

function ready(model: FakeModel): FakeModel {
  if (!model.loading) return model;
  const detail = `Model is loading, please retry later: ${supervisor} Model ${model.uid} is launching, not yet ready for inference`;
  throw refusal(503, detail, { 'retry-after': '30' });
}

const supervisor = '[address=127.0.0.1:21657, pid=2891]';

function notFound(uid: string): string {
  return `${supervisor} Model not found in the model list, uid: ${uid}`;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
