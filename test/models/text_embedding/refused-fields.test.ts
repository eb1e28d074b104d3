import { describe, expect, it } from 'vitest';
import { RefusedFields } from '../../../models/text_embedding/refused-fields.ts';
import { ServerError } from '../../../src/http/errors/errors.ts';
import { ServerWords } from '../../../src/http/errors/server-words.ts';
import { Gate } from '../../../src/text/gate.ts';

const gate = new Gate();

const failure = (status: number, serverText: string) =>
  new ServerError('model-failed', { gate }, 'm', { status, said: new ServerWords(serverText, gate) });

describe('RefusedFields', () => {
  it.each([
    [500, "encode() got an unexpected keyword argument 'truncate_prompt_tokens'", 'truncate_prompt_tokens'],
    [400, 'Extra inputs are not permitted: truncate_prompt_tokens', 'truncate_prompt_tokens'],
    [422, 'body.truncate_prompt_tokens: not allowed', 'truncate_prompt_tokens'],
    [500, 'Invalid task: retrieval.query. Must be one of [...]', 'task'],
    [500, "Prompt name 'retrieval.query' not found in the configured prompts dictionary", 'task'],
    [500, 'CUDA out of memory', undefined],
    [503, 'truncate_prompt_tokens', undefined],
    [429, 'task queue is full', undefined],
  ])('knows from %i %s that %s is refused', (status, text, field) => {
    expect(RefusedFields.refusedBy(failure(status, text), ['truncate_prompt_tokens', 'task'])).toBe(field);
  });

  it('does not blame a field that was not sent', () => {
    expect(RefusedFields.refusedBy(failure(500, 'Invalid task'), ['truncate_prompt_tokens'])).toBeUndefined();
  });

  it('remembers for half an hour, each model and field for itself', () => {
    let now = 0;
    const refused = new RefusedFields(() => now);
    refused.add('a', 'task');
    expect(refused.has('a', 'task')).toBe(true);
    expect(refused.has('a', 'truncate_prompt_tokens')).toBe(false);
    expect(refused.has('b', 'task')).toBe(false);
    now = 30 * 60_000 - 1;
    expect(refused.has('a', 'task')).toBe(true);
    now++;
    expect(refused.has('a', 'task')).toBe(false);
  });

  it('forgets the oldest of a thousand', () => {
    const refused = new RefusedFields(() => 0);
    for (let n = 0; n < 1000; n++) refused.add(`${n}`, 'task');
    refused.add('0', 'task');
    refused.add('one more', 'task');
    expect(refused.has('0', 'task')).toBe(true);
    expect(refused.has('1', 'task')).toBe(false);
    expect(refused.has('one more', 'task')).toBe(true);
  });
});
