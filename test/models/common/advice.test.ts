import { describe, expect, it } from 'vitest';
import { adviceFor } from '../../../models/common/advice.ts';
import { tellingOf } from '../../../models/common/errors.ts';
import { FORM_LABELS, OPTION_LABELS } from '../../../models/common/form-labels.ts';
import { FAILURE_CODES, type FailureCode, ServerError } from '../../../src/http/errors/errors.ts';
import { ServerWords } from '../../../src/http/errors/server-words.ts';
import { Gate } from '../../../src/text/gate.ts';
import { KEY, recorded, recordedFailures } from '../../fake/xinference/recordings/failures.ts';
import { recording } from '../../fake/xinference/recordings/recordings.ts';

const gate = new Gate();

function failed(code: FailureCode, said = '', details = {}): ServerError {
  return new ServerError(code, { gate }, 'It failed', { said: new ServerWords(said, gate), ...details });
}

const LABELS = [...Object.values(FORM_LABELS), ...Object.values(OPTION_LABELS).flatMap(Object.values)];

describe('for every failure there is something to try', () => {
  it.each(FAILURE_CODES)('%s', code => {
    const advice = adviceFor(failed(code, '', { loopback: '127.0.0.1' }));
    expect(advice).toMatch(/^[A-Z].*[^.]\.$/);
    const quoted = Array.from(advice.matchAll(/"([^"]+)"/g), ([, label]) => label);
    expect(quoted.filter(label => !LABELS.includes(label ?? ''))).toEqual([]);
  });
});

describe('by what the server said', () => {
  it.each([
    ['CUDA out of memory', /ran out of memory/],
    ["'async for' requires an object with __aiter__ method", /its log has it/],
    ["Request exceeds the model's configured context length.", /Shorten the conversation/],
    ['A system message must be first', /very beginning/],
    ['Only user, assistant and tool roles are supported, got system.', /very beginning/], // Ministral 3
    ['System role not supported', /takes no system message/],
    ['Conversation roles must alternate user/assistant/user/assistant/...', /in turn/],
    ['After the optional system message, conversation roles must alternate user/assistant/...', /in turn/],
    ['Conversation roles must strictly alternate between user and assistant', /in turn/],
    ['Messages should alternate between user and assistant', /in turn/],
    [
      'roles must alternate between "user" and "assistant", but found multiple "user" roles in a row',
      /in turn/,
    ],
    ['The messages need to alternate', /in turn/],
    ['Out of range float values are not JSON compliant', /\(NaN\)/],
    ['cannot convert float NaN to integer', /\(NaN\)/],
    [
      'Expected last role User or Tool for serving but got assistant',
      /^The model's template takes messages of the user/,
    ],
    ['Only user and assistant roles are supported!', /^The model's template takes messages of the user/],
    ['Invalid input. Please specify the prompt.', /Xinference before 2\.7\.0 refuses: end it with/],
    ['Internal Server Error', /^The fault is the server's own: look into its log/],
    ['boom', /^Check the request's parameters and the server's log\.$/],
  ])('%s', (said, advice) => {
    for (const code of ['model-failed', 'request-refused'] as const) {
      expect(adviceFor(failed(code, said))).toMatch(advice);
    }
  });

  it.each([
    'Model m is in error state',
    'Remote server 0.0.0.0:44045 closed',
    "Actor b'm-0' does not exist",
    'EngineCore encountered an issue. See stack trace (above) for the root cause.',
    'CUDA error: device-side assert triggered',
  ])('a model whose process broke down: %s', said => {
    expect(adviceFor(failed('model-failed', said))).toMatch(/launch the model anew/);
  });

  it.each(['/v1/embeddings', '/v1/rerank'])('a text that is too long, at %s', path => {
    for (const said of [
      "This model's maximum context length is 512 tokens. However, you requested 600 tokens.",
      'input is too large to process. increase the physical batch size',
    ]) {
      expect(adviceFor(failed('model-failed', said, { path }))).toMatch(/^Shorten the texts/);
      expect(adviceFor(failed('model-failed', said))).toMatch(/^Shorten the conversation/);
    }
  });

  it.each([
    ['tools-unsupported', /support tool calls\. Set "Tool calling" to "Off" for this model/],
    ['asr-on-llm', /is not for creating transcriptions\. The model is of another type/],
    ['1.17.1/chat-llamacpp-tools', /list_iterator\. Xinference before 2\.7\.0 fails so with tools/],
    ['1.17.1/chat-llamacpp-too-long', /'choices'\. Xinference before 2\.12\.0 .* n_ctx/],
    ['1.17.1/chat-transformers-stream-tools', /Streaming support for tool calls/],
    ['1.17.1/error-unknown-model', /its UID \(not its name\) stands in "Model UID"/],
    ['1.5.1/tts-on-whisper', /of another type than the one chosen in Dify/],
    ['2.12.0/chat-llamacpp-too-long', /exceeds the available context size.* Shorten the/],
  ])('%s', (name, message) => {
    expect(tellingOf(recorded(name))).toMatch(message);
  });
});

it.each([
  ['/v1/rerank', '0.6.5'],
  ['/v1/audio/transcriptions', '0.8.5'],
  ['/v1/audio/speech', '0.12.0'],
])('a server that lacks %s is too old', (path, version) => {
  expect(adviceFor(failed('path-unknown', '', { path }))).toContain(
    `Xinference has this path from ${version} on`,
  );
});

it('a redirect names the server URL that it asks for', () => {
  expect(adviceFor(failed('redirect', '', { elsewhere: 'https://gpu:9997' }))).toContain(
    'type https://gpu:9997 into "Server URL"',
  );
  expect(adviceFor(failed('redirect'))).toMatch(/a login.*redirects are not followed/);
});

it('a refusal by the machine itself explains what that means inside a container', () => {
  expect(adviceFor(failed('refused', '', { loopback: '127.0.0.1' }))).toContain(
    '127.0.0.1 is the container itself',
  );
  expect(adviceFor(failed('refused'))).not.toContain('container');
});

it.each(recordedFailures)('%s is told in a readable way', name => {
  const error = recorded(name);
  const message = tellingOf(error);
  expect(message).toContain(
    `at http://xinference:9997${recording(name).request.path} (HTTP ${error.status})`,
  );
  expect(message).not.toMatch(/\[address=|pid=|<\/?\w+>|\n|\{"|undefined|\[object/);
  expect(message).not.toContain(KEY);
  expect(message).toMatch(/[^.]\.$/);
  expect(message.length).toBeLessThan(1000);
});
