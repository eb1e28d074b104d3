import { servePlugin } from '../../src/dify/index.ts';
import { createPlugin } from '../../src/plugin.ts';

/*
 * The plugin as a process, with bugs: the text of an `invoke_moderation` says which.
 */

void servePlugin(
  async () => ({
    createPlugin: log => {
      const plugin = createPlugin(log);
      const moderation = {
        validate: async () => undefined,
        schema: () => Promise.reject(new Error('not asked for')),
        invoke: async ({ text }: { text?: string | null }) => {
          if (text === 'throw') throw new TypeError('a bug in a handler');
          if (text === 'uncaught') setTimeout(() => JSON.parse('a bug in a timer'));
          if (text === 'rejected') void Promise.reject(new TypeError('a bug in a promise'));
          return await new Promise<boolean>(() => undefined);
        },
      };
      return { ...plugin, models: { ...plugin.models, moderation } };
    },
  }),
  { name: 'xinference', title: 'A plugin with bugs', folder: `${import.meta.dirname}/../..` },
);
