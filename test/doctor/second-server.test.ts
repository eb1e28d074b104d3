import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { refused } from '../fake/network/connections.ts';
import { llm } from '../fake/xinference/models.ts';
import { type FakeXinference, startFakeXinference } from '../fake/xinference/xinference-server.ts';
import { reportOf, runDoctor } from './run.ts';

let first: FakeXinference;
let second: FakeXinference;

beforeAll(async () => {
  first = await startFakeXinference({ models: [llm('one')] });
  second = await startFakeXinference({ models: [llm('two')] });
});
afterAll(async () => {
  await first.close();
  await second.close();
});

describe('issue 20, 11: the doctor looks at both servers', () => {
  it('and reports the second beside the first', async () => {
    const report = await reportOf(['--server', first.url, '--fallback', second.url]);
    expect(report).toMatchObject({
      models: [{ uid: 'one' }],
      fallback: { models: [{ uid: 'two' }], exitCode: 0 },
      exitCode: 0,
    });
    const { out } = await runDoctor(['--server', first.url, '--fallback', second.url]);
    expect(out).toMatch(/one[\s\S]*The second server:[\s\S]*two/);
  });

  it('and fails where the second cannot be used', async () => {
    const { url } = await refused();
    const { code, out } = await runDoctor(['--server', first.url, '--fallback', url]);
    expect(code).toBe(1);
    expect(out).toContain('Nothing listens');
  });
});
