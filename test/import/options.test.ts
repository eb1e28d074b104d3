import { expect, it } from 'vitest';
import { parseOptions } from '../../src/import/options.ts';

it.each([
  ['https://dify.example', 'https://dify.example'],
  ['HTTPS://Dify.Example:443//', 'https://dify.example'],
  ['https://dify.example/apps?category=all', 'https://dify.example'],
  ['http://10.0.0.5:8080/app/5f0c/workflow', 'http://10.0.0.5:8080'],
  ['https://dify.example/explore/apps', 'https://dify.example'],
  ['https://dify.example/console/api/', 'https://dify.example'],
  ['https://dify.example/v1', 'https://dify.example'],
  ['https://example.com/ai/dify/', 'https://example.com/ai/dify'],
  ['https://example.com/ai/dify/datasets', 'https://example.com/ai/dify'],
])('--dify %s is Dify at %s', (typed, url) => {
  expect(parseOptions(['--server', 'http://gpu1:9997', '--dify', typed], {})?.dify).toBe(url);
});
