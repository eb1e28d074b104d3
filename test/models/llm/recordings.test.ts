import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PluginInProcess, startPlugin } from '../../fake/plugin/plugin.ts';
import { recording, recordingNames } from '../../fake/xinference/recordings/recordings.ts';
import { type FakeXinference, startFakeXinference } from '../../fake/xinference/xinference-server.ts';
import { namesOf, play } from './recorded/table.ts';
import { tables } from './recorded/tables.ts';

/** Every answer of a real server to a chat or a completion, through the whole plugin to what a user of Dify gets. */
describe.each(tables)('%s', (_name, { model, rows }) => {
  let server: FakeXinference;
  let plugin: PluginInProcess;

  beforeAll(async () => {
    server = await startFakeXinference({ models: model ? [model] : [] });
    plugin = await startPlugin({ logLevel: 'error' });
  });

  afterAll(async () => {
    await plugin.close();
    await server.close();
  });

  test.each(Object.entries(rows))('%s', async (row, expected) => {
    const outcome = await play(plugin.host, server, row, model?.uid ?? 'nobody-knows');
    if ('error' in expected) {
      expect(outcome).toMatchObject({ error: expected.error, text: expected.text });
      for (const fragment of expected.says)
        expect('says' in outcome && outcome.says.join()).toContain(fragment);
      return;
    }
    if (expected.usage !== 'estimated') {
      expect(outcome).toEqual(expected);
      return;
    }
    const said = expected.text !== '' || expected.calls.length > 0;
    const usage = [
      expect.toSatisfy(count => Number.isInteger(count) && count > 0),
      expect.toSatisfy(count => Number.isInteger(count) && count > 0 === said),
    ];
    expect(outcome).toEqual({ ...expected, usage });
  });
});

test('no recorded chat or completion is left out', () => {
  const told = tables.flatMap(([, { rows }]) => Object.keys(rows)).flatMap(namesOf);
  const recorded = recordingNames().filter(name => {
    const { method, path } = recording(name).request;
    return method === 'POST' && /^\/v1\/(chat\/)?completions/.test(path);
  });
  expect([...new Set(told)].sort()).toEqual(recorded);
});
