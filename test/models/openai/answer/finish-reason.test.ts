import { describe, expect, test } from 'vitest';
import { finishOf } from '../../../../models/openai/answer/finish-reason.ts';

describe('what a finish reason means', () => {
  test.each([
    ['stop', ['stop', 'STOP', 'eos', 'eos_token', 'end_turn', 'stop_sequence', 'complete', 'done', 'other']],
    [
      'length',
      [
        'length',
        'max_tokens',
        'MAX_TOKENS',
        'max_length',
        'model_context_window_exceeded',
        'limit',
        'incomplete',
      ],
    ],
    ['tool_calls', ['tool_calls', 'function_call', 'tool_use', 'tool_call']],
    [
      'failed',
      [
        'abort',
        'aborted',
        'error',
        'engine_error',
        'network_error',
        'cancelled',
        'canceled',
        'failed',
        'timeout',
        'timed_out',
      ],
    ],
    [
      'failed',
      [
        'insufficient_system_resource',
        'MALFORMED_FUNCTION_CALL',
        'out_of_memory',
        'overloaded',
        'exception',
        'evicted',
        'oom',
        'shutdown',
        'unhealthy',
        'rejected',
        'connection_lost',
        'deadline_exceeded',
      ],
    ],
    [
      'filtered',
      [
        'content_filter',
        'content_filtered',
        'SAFETY',
        'sensitive',
        'RECITATION',
        'blocked',
        'refusal',
        'moderation',
        'censored',
        'policy_violation',
        'flagged',
        'harmful',
      ],
    ],
  ])('%s: %j', (ending, words) => {
    expect(words.map(word => finishOf({ finish_reason: word })?.ending)).toEqual(words.map(() => ending));
  });

  test.each([null, undefined, '', ' ', 'null', 'None', 'FINISH_REASON_UNSPECIFIED', 0, false, {}, []])(
    '%j is none yet',
    value => {
      expect(finishOf({ finish_reason: value })).toBeUndefined();
    },
  );

  test('an object has its word within (SGLang)', () => {
    expect(finishOf({ finish_reason: { type: 'stop', matched: 2 } })).toEqual({
      ending: 'stop',
      said: 'stop',
    });
    expect(finishOf({ finish_reason: { type: 'abort', message: 'no room' } })).toEqual({
      ending: 'failed',
      said: 'abort: no room',
    });
  });
});
