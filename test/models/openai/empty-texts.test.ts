import { describe, expect, test } from 'vitest';
import { explainEmpty } from '../../../models/openai/empty-texts.ts';
import { type FailureCode, ServerError } from '../../../src/http/errors/errors.ts';
import { ServerWords } from '../../../src/http/errors/server-words.ts';
import { Gate } from '../../../src/text/gate.ts';

const gate = new Gate();
const refused = (status: number, text: string, code: FailureCode = 'request-refused') =>
  new ServerError(code, { gate }, 'Refused', { status, said: new ServerWords(text, gate) });
const explained = (error: unknown, texts: (string | undefined)[]) =>
  (explainEmpty(error, texts, 'text', at => at + 10) as Error).message;

describe('a server refuses a batch for an empty text', () => {
  test.each<[string, ServerError, (string | undefined)[], string]>([
    [
      'one',
      refused(400, 'x'),
      ['a', '', 'c'],
      'The text 12 of those that were sent is empty, which some engines refuse.',
    ],
    [
      'several',
      refused(422, 'x'),
      ['', ' \n', 'c'],
      'The texts 11, 12 of those that were sent are empty, which some engines refuse.',
    ],
    ['many', refused(400, 'x'), Array(9).fill(''), 'The texts 11, 12, 13, 14, 15, … of'],
    [
      'in a 500 that speaks of it',
      refused(500, 'The prompt cannot be empty', 'model-failed'),
      ['', 'b'],
      'The text 11 of',
    ],
    [
      'in a 500 for a tensor without elements',
      refused(500, 'cannot reshape tensor of 0 elements', 'model-failed'),
      ['', 'b'],
      'The text 11 of',
    ],
    ['in a bare 500', refused(500, '', 'server-failed'), ['', 'b'], 'The text 11 of'],
    ['none', refused(400, 'x'), ['a', undefined], 'Refused. The server said: '],
    [
      'in a 500 of another kind',
      refused(500, 'CUDA', 'model-failed'),
      ['', 'b'],
      'Refused. The server said: ',
    ],
    [
      'where the server is away',
      refused(503, 'empty', 'model-failed'),
      ['', 'b'],
      'Refused. The server said: ',
    ],
  ])('%s', (_name, error, texts, message) => {
    expect(explained(error, texts)).toContain(message);
    expect(explained(error, texts).endsWith('.')).toBe(true);
  });

  test('what the failure was stays', () => {
    const error = explainEmpty(refused(400, 'x'), [''], 'text', at => at);
    expect(error).toMatchObject({ code: 'request-refused', status: 400, said: { whole: 'x' } });
    expect(explainEmpty(new Error('bug'), [''], 'text', at => at)).toEqual(new Error('bug'));
  });
});
