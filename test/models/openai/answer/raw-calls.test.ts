import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RawCallFilter } from '../../../../models/openai/answer/raw-calls.ts';
import { cut } from '../samples.ts';

function outputs(steps: readonly string[]): string[] {
  const filter = new RawCallFilter();
  const out = steps.map(step => {
    if (step !== 'CALL') return filter.push(step);
    filter.callBegan();
    return '';
  });
  return [...out, filter.end(steps.includes('CALL') ? ['get_weather'] : [])];
}

describe('before a call', () => {
  test.each([
    ['no tag', ['I look.', 'CALL'], 'I look.'],
    ['its beginning', ['I look.\n<too', 'CALL'], 'I look.\n'],
    ['its beginning in two pieces', ['I look.\n<too', 'l_call', 'CALL'], 'I look.\n'],
    ['all of it', ['I look.', '<tool_call>', 'CALL'], 'I look.'],
    ['before each of two', ['A<', 'CALL', '\n<t', 'ool_ca', 'CALL'], 'A\n'],
  ])('%s goes', (_name, steps, expected) => {
    expect(outputs(steps).join('')).toBe(expected);
  });
});

describe('without a call nothing is lost', () => {
  test.each([
    [
      ['a < b', ' and <tools>'],
      ['a < b', ' and <tools>', ''],
    ],
    [
      ['a <', ' b'],
      ['a ', '< b', ''],
    ],
    [
      ['Wait.\n', '<tool_'],
      ['Wait.\n', '', '<tool_'],
    ],
    [
      ['<tool_call', '>\n{"', 'name"'],
      ['', '', '', '<tool_call>\n{"name"'],
    ],
    [
      ['Use <tool_call>', ' tags', ' or <tool_call>, then'],
      ['Use ', '<tool_call> tags', ' or <tool_call>, then', ''],
    ],
  ])('%j leaves as %j', (pieces, expected) => {
    expect(outputs(pieces)).toEqual(expected);
  });

  test('wherever it is cut', () => {
    const texts = fc.array(fc.constantFrom('<', 'tool', '_call>', '\n', 'a', '😀')).map(all => all.join(''));
    fc.assert(
      fc.property(texts, fc.array(fc.nat(30)), (text, places) => {
        expect(outputs(cut(text, places)).join('')).toBe(text);
      }),
    );
  });
});

const raw = '<tool_call>\n{"name": "get_weather", "arguments": {"city": "Paris"}}\n</tool_call>';

describe('the text of a call beside the call itself', () => {
  test.each<[string, string[], string]>([
    ['before it', ['I look.\n', raw, 'CALL'], 'I look.\n'],
    ['after it', ['I look.\n', 'CALL', raw], 'I look.\n'],
    ['around it', ['I look.\n', raw.slice(0, 20), 'CALL', raw.slice(20)], 'I look.\n'],
    ['its beginning alone', ['I look.\n', raw.slice(0, 17), 'CALL', ' Done.'], 'I look.\nDone.'],
    ['in the middle of text', [`A${raw}\nB`, 'CALL', ' C'], 'AB C'],
    ['twice', [raw, '\n', raw, 'CALL'], ''],
    ['of GLM', ['<tool_call>get_weather\n<arg_key>city</arg_key></tool_call>', 'CALL'], ''],
    ['of Qwen coders', ['<tool_call>\n<function=get_weather>\n</function>\n</tool_call>', 'CALL'], ''],
    [
      'of Kimi',
      ['<|tool_calls_section_begin|>functions.get_weather:0{}<|tool_calls_section_end|>', 'CALL'],
      '',
    ],
    ['of DeepSeek', ['<｜tool▁calls▁begin｜>function get_weather<｜tool▁calls▁end｜>', 'CALL'], ''],
    ...[
      '<seed:tool_call><function=get_weather></function></seed:tool_call>',
      '<longcat_tool_call>get_weather\n</longcat_tool_call>',
      '<function_calls><invoke name="get_weather"></invoke></function_calls>',
      '<TOOLCALL>[{"name":"get_weather"}]</TOOLCALL>',
      '<|tool_call|>[{"name":"get_weather"}]',
      '<｜DSML｜function_calls>\n<｜DSML｜invoke name="get_weather"></｜DSML｜invoke>\n</｜DSML｜function_calls>',
      '<|START_ACTION|>[{"tool_name":"get_weather"}]<|END_ACTION|>',
      '<|action_start|><|plugin|>{"name":"get_weather"}<|action_end|>',
      '<|python_tag|>{"name":"get_weather"}',
      '[TOOL_CALLS][{"name":"get_weather"}]',
      '[TOOL_CALLS]get_weather[ARGS]{}',
      '<|channel|>commentary to=functions.get_weather <|constrain|>json<|message|>{}<|call|>',
    ].map((text): [string, string[], string] => [text, [`A\n${text}`, 'CALL'], 'A\n']),
    [
      'its closing mark alone',
      ['CALL', '\n</tool_call>', '\n</tool_call>A </tool_call>'],
      '\n\nA </tool_call>',
    ],
    ['what begins as a closing mark', ['CALL', '</tool', 'ing> A'], '</tooling> A'],
    ['its opening mark alone, in a whole answer', ['CALL', 'A <tool_call>'], 'A '],
    [
      'a mark in brackets that is spoken of',
      ['[TOOL_CALLS] is a mark. ', 'CALL'],
      '[TOOL_CALLS] is a mark. ',
    ],
    ['of another function', [raw.replace('weather', 'time'), 'CALL'], raw.replace('weather', 'time')],
    ['that is spoken of', ['A <tool_call> tag. ', 'CALL', raw], 'A <tool_call> tag. '],
  ])('%s', (_where, steps, expected) => {
    expect(outputs(steps).join('')).toBe(expected);
    const letters = steps.flatMap(step => (step === 'CALL' ? [step] : step.split('')));
    expect(outputs(letters).join('')).toBe(expected);
  });

  test('without a call it is text', () => {
    expect(outputs([`I look.\n${raw} Done.`]).join('')).toBe(`I look.\n${raw} Done.`);
  });

  test('is not held back without an end', () => {
    const out = outputs(['<tool_call>{', ...Array.from({ length: 30 }, () => 'x'.repeat(10_000))]);
    expect(out.slice(0, -1).join('').length).toBeGreaterThan(250_000);
    expect(out.join('')).toHaveLength(300_012);
  });
});
