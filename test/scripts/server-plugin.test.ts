import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { serverPlugin } from '../../scripts/package/one-server/server-plugin.ts';
import { readPlugin } from '../../scripts/plugin.ts';

const folder = mkdtempSync(join(tmpdir(), 'server-plugin-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('models of any UID are the texts that they were, for every reader of YAML', () => {
  const uids = [
    'no',
    '1e3',
    '012',
    '1:20',
    '<<',
    '=',
    '~',
    'a: b',
    'Qwen/Qwen3 模型',
    '../x',
    'tab\tx',
    'nl\nx',
  ];
  const models = uids.map(uid => ({
    modelType: 'llm' as const,
    schema: {
      model: uid,
      label: { en_US: uid },
      model_type: 'llm' as const,
      fetch_from: 'customizable-model' as const,
      features: [],
      model_properties: { mode: 'chat', context_size: 8192 },
      parameter_rules: [],
      deprecated: false,
      pricing: null,
    },
  }));
  const plugin = serverPlugin(readPlugin(), { url: 'http://gpu1:9997', models }, folder);
  expect(plugin.declaration.provider.models.map(({ model }) => model)).toEqual(uids);
  const files = readdirSync(join(folder, 'models/llm')).sort();
  const firstLines = files.map(file => readFileSync(join(folder, 'models/llm', file), 'utf8').split('\n')[0]);
  expect(firstLines).toEqual(uids.map(uid => `model: ${JSON.stringify(uid)}`));
});
