import { servePlugin } from '../../../src/dify/index.ts';

void servePlugin(() => import('./plugin.ts'), {
  name: 'openai-compatible',
  title: 'OpenAI-compatible server for Dify',
  folder: `${import.meta.dirname}/..`, // beside src/ as beside the bundle's runtime/
});
