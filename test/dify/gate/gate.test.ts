import { describe, expect, it } from 'vitest';
import { LogGate } from '../../../src/dify/gate/log-gate.ts';
import { secretsIn } from '../../../src/dify/gate/secrets-in.ts';

describe('the secrets that a request brings along', () => {
  it('are the values of the fields that are called so', () => {
    const credentials = {
      server_url: 'http://gpu:9997',
      api_key: 'xf-1',
      accessToken: 't-2',
      max_retries: '3',
    };
    expect(new Set(secretsIn({ credentials }))).toEqual(new Set(['xf-1', 't-2']));
  });

  it.each([
    'X-Key: gateway-1234\nX-Other: another-5678',
    '{"X-Key": "gateway-1234", "X-Other": "another-5678"}',
  ])('are each of the headers in %j', headers => {
    expect(secretsIn({ credentials: { headers } })).toEqual(
      expect.arrayContaining(['gateway-1234', 'another-5678']),
    );
  });

  it.each([
    undefined,
    null,
    'x',
    [],
    { credentials: null },
    { credentials: [] },
    { credentials: { api_key: 7 } },
  ])('are none in %j', data => {
    expect(secretsIn(data)).toEqual([]);
  });
});

describe('what is logged', () => {
  it('has the keys of no request that came lately, whoever writes it', () => {
    const gate = new LogGate();
    gate.remember(['sk-first-12345']);
    expect(gate.pass('a sk-first-12345')).toBe('a ***');
    gate.remember(['sk-second-6789']);
    expect(gate.passAll({ a: ['sk-first-12345', 7, null], b: { c: 'x sk-second-6789' } })).toEqual({
      a: ['***', 7, null],
      b: { c: 'x ***' },
    });
  });

  it('forgets the keys that came first, when there are many', () => {
    const gate = new LogGate();
    const keyOf = (at: number) => `sk-${at}-${'x'.repeat(1_000)}${at}`;
    for (let at = 0; at < 20; at++) gate.remember([keyOf(at), keyOf(0)]);
    expect([0, 1, 19].map(at => gate.pass(keyOf(at)) === '***')).toEqual([true, false, true]);
  });
});
