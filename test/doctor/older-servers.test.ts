import { afterEach, describe, expect, it } from 'vitest';
import type { ServerReport } from '../../src/doctor/report/report.ts';
import { status } from '../fake/xinference/faults.ts';
import { audio, llm } from '../fake/xinference/models.ts';
import { startOlderServer } from '../fake/xinference/recordings/older-server.ts';
import { olderVersions } from '../fake/xinference/recordings/recordings.ts';
import { type FakeXinference, startFakeXinference } from '../fake/xinference/xinference-server.ts';
import { reportOf, runDoctor } from './run.ts';

let server: FakeXinference | undefined;
afterEach(() => server?.close());

async function examine(version: (typeof olderVersions)[number], ...argv: string[]) {
  server = await startOlderServer(version);
  return reportOf(['--server', server.url, ...argv]);
}

describe('replicas', () => {
  it.each(olderVersions)(
    '%s: every model is ready, also where nothing is told of each replica',
    async version => {
      const { models } = await examine(version);
      expect(models.length).toBeGreaterThan(3);
      for (const { replicas } of models) expect(replicas).toMatchObject({ wanted: 1, ready: 1 });
    },
  );
});

describe('what its age means for what it runs', () => {
  const engineless = expect.stringMatching(
    /^tiny-llm: the server does not name the engine.* 3\.1\.0 mends it\.$/,
  );
  const failingTools = expect.stringMatching(
    /^tiny-gguf: llama\.cpp fails on every .*tools.* 2\.7\.0 mends it\.$/,
  );
  const untoldLength = expect.stringMatching(
    /^tiny-gguf: a conversation that is too long.* 2\.12\.0 mends it\.$/,
  );
  const shortAnswers = expect.stringMatching(
    /^tiny-llm: an answer ends at 1024 tokens.* 1\.8\.1 mends it\.$/,
  );

  const numberedTogether = expect.stringMatching(
    /^tiny-embedding: .*numbered together; the plugin makes up for it\. Xinference 3\.1\.0 mends it\.$/,
  );
  const refusedStreams = expect.stringMatching(/: streams with tools are refused; .* 2\.2\.0 mends it\.$/);
  const oneId = expect.stringMatching(/^tiny-llm: all tool calls .* one id; .* 1\.13\.0 mends it\.$/);
  const noAbilities = expect.stringMatching(/^tiny-whisper: it lists no abilities.* 1\.6\.0 mends it\.$/);

  const mendsOf = (found: ServerReport | null) => found?.notes.filter(note => /mend/.test(note));

  it.each([
    ['1.5.1', [engineless, shortAnswers, refusedStreams, oneId, noAbilities]],
    ['1.17.1', [engineless, failingTools, untoldLength, numberedTogether, refusedStreams]],
    ['2.12.0', [engineless, numberedTogether]],
    ['3.2.1', []],
  ] as const)('%s: a line for each weakness', async (version, lines) => {
    const { server: found, exitCode } = await examine(version);
    expect(found).toMatchObject({ version, olderThan: null });
    expect(exitCode).toBe(0);
    expect(mendsOf(found)).toEqual(lines);
  });

  // Most API keys may not ask, and very old servers do not know the question.
  it.each([
    ['1.5.1', 403, '1.6.0', [engineless, shortAnswers, refusedStreams, oneId, noAbilities]],
    ['1.17.1', 404, '3.1.0', [engineless, numberedTogether]],
    ['3.2.1', 403, null, []],
  ] as const)('%s that answers %i to that question: what its descriptions lack tells', async (...row) => {
    const [version, code, olderThan, lines] = row;
    server = await startOlderServer(version);
    server.answer('GET /v1/cluster/version', status(code, { detail: 'Not Found' }));
    const { server: found } = await reportOf(['--server', server.url]);
    expect(found).toMatchObject({ version: null, olderThan });
    expect(mendsOf(found)).toEqual(lines);
    const { out } = await runDoctor(['--server', server.url]);
    expect(out).toContain('it does not tell its version)');
    if (olderThan !== null) expect(out).toContain(`(older than ${olderThan} by its descriptions`);
  });

  it('1.17.1 from a checkout, which tells no number: what its descriptions lack tells', async () => {
    server = await startOlderServer('1.17.1');
    server.answer('GET /v1/cluster/version', status(200, { version: '0+unknown' }));
    const { server: found } = await reportOf(['--server', server.url]);
    expect(found).toMatchObject({ version: '0+unknown', olderThan: '3.1.0' });
    expect(mendsOf(found)).toEqual([engineless, numberedTogether]);
    const { out } = await runDoctor(['--server', server.url]);
    expect(out).toContain('Xinference 0+unknown (older than 3.1.0 by its descriptions) answers');
  });
});

describe('weaknesses that came and went', () => {
  it.each([
    ['1.9.1', 'fp8', ['vLLM ignores a JSON schema']],
    ['1.10.1', 'fp8', []],
    ['1.11.0', 'pytorch', ['random characters. Xinference 1.11.0.post1 mends it.']],
    ['1.11.0.post1', 'pytorch', []],
    ['1.10.1', 'pytorch', []],
    ['1.11.0', 'ggufv2', ['llama.cpp ignores a JSON schema']],
    ['1.14.0', 'ggufv2', ['llama.cpp ignores a JSON schema', "told by 'id', 'choices' or an empty answer"]],
    ['1.15.0', 'ggufv2', ["told by 'id', 'choices' or an empty answer"]],
  ])('%s with a model of the format %s', async (version, model_format, expected) => {
    const model = llm('chat', { model_format, model_engine: null });
    server = await startFakeXinference({ models: [model] });
    server.answer('GET /v1/cluster/version', status(200, { version }));
    const { server: found } = await reportOf(['--server', server.url]);
    const told = found?.notes.filter(note => /JSON schema|random|too long/.test(note));
    expect(told).toEqual(expected.map(text => expect.stringContaining(text)));
  });
});

it('4.1.0 that does not tell its version: one model that lacks a field does not make it old', async () => {
  server = await startFakeXinference({ models: [llm('chat'), audio('own', { model_ability: null })] });
  server.answer('GET /v1/cluster/version', status(403, { detail: 'Forbidden' }));
  const { server: found } = await reportOf(['--server', server.url]);
  expect(found).toMatchObject({ version: null, olderThan: null });
});

it('1.5.1: Whisper, which lists no abilities, is no model for speech', async () => {
  const { models } = await examine('1.5.1');
  const whisper = models.find(({ uid }) => uid === 'tiny-whisper');
  expect(whisper?.dify.map(({ modelType }) => modelType)).toEqual(['speech2text']);
});
