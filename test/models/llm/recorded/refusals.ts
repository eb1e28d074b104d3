import { llm } from '../../../fake/xinference/models.ts';
import { fails, masked, refused, type Table } from './table.ts';

const unknown = (uid: string) =>
  fails(
    'InvokeBadRequestError',
    'does not know this model',
    `uid: ${uid}`,
    'in the credentials as Xinference lists it',
  );
const limited = fails(
  'InvokeRateLimitError',
  'more requests than it takes',
  'Rate limit reached',
  'Try again later',
);

/** Answers that are none, whatever the model is. */
export const refusals: Table = {
  model: llm('any'),
  rows: {
    'auth-banned-chat': fails('InvokeRateLimitError', 'locked this address out', 'IP temporarily banned'),
    'auth-chat-unknown-model': unknown('no-such-model'),
    'auth-no-header-chat': fails(
      'InvokeAuthorizationError',
      'demands an API key',
      'Enter a key of this Xinference server into "API key"',
    ),
    'auth-wrong-key-chat-stream': fails('InvokeAuthorizationError', 'Could not validate credentials'),
    'chat-on-generate-model': masked,
    'chat-on-generate-model-stream': masked,
    'error-bad-json': refused('Expecting property name'),
    'error-body-array': refused("'list' object has no attribute 'items'"),
    'error-chat-on-embedding': masked,
    'error-chat-on-embedding-stream': masked,
    'error-chat-on-rerank': masked,
    'error-empty-body': refused('Expecting value'),
    'error-messages-string': refused('messages value is not a valid list'),
    'error-no-messages': refused('messages field required'),
    'error-no-model': refused('model field required'),
    'error-unknown-model': unknown('no-such-model-2'),
    'error-unknown-model-again': unknown('no-such-model-2'),
    'error-unknown-model-stream': unknown('no-such-model-3'),
    'limit-chat': limited,
    'limit-chat-stream': limited,
    'loading-chat-stream': fails('InvokeServerUnavailableError', 'still loading', 'launching, not yet ready'),
    'tools-unsupported-empty': refused('Only {'),
  },
};

/** The server's gate for tools: a model of which nothing is known is asked, and refused. */
export const toolRefusals: Table = {
  model: undefined,
  rows: {
    'tools-unsupported': refused('Only {'),
    'tools-unsupported-stream': refused('Only {'),
  },
};
