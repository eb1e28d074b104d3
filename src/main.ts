import { servePlugin } from './dify/index.ts';

void servePlugin(() => import('./installed-plugin.ts'), {
  name: 'xinference',
  title: 'Xinference for Dify',
  folder: `${import.meta.dirname}/..`, // beside src/ as beside the bundle's runtime/
  commands: () => import('./commands.ts'),
});
