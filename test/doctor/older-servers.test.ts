import { afterEach, describe, expect, it } from 'vitest';
import { startOlderServer } from '../fake/xinference/recordings/older-server.ts';
import { olderVersions } from '../fake/xinference/recordings/recordings.ts';
import type { FakeXinference } from '../fake/xinference/xinference-server.ts';
import { reportOf } from './run.ts';

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

it('1.5.1: Whisper, which lists no abilities, is no model for speech', async () => {
  const { models } = await examine('1.5.1');
  const whisper = models.find(({ uid }) => uid === 'tiny-whisper');
  expect(whisper?.dify.map(({ modelType }) => modelType)).toEqual(['speech2text']);
});
