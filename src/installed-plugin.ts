import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { Log, Plugin } from './dify/index.ts';
import { createPlugin as assemblePlugin } from './plugin.ts';
import { DescriptionFile } from './xinference/description-file.ts';

/** Where the bundle stands in a package. Elsewhere the plugin runs from source, and writes nothing. */
const RUNTIME = 'runtime';

/** The plugin as a host runs it: what it learns of models outlives its process. */
export function createPlugin(log: Log): Plugin {
  const here = import.meta.dirname;
  return assemblePlugin(log, {
    file: basename(here) === RUNTIME ? descriptionFile(dirname(here)) : undefined,
  });
}

/** In the plugin's own folder, which an update replaces; in the temporary one where that cannot be written. */
function descriptionFile(folder: string): DescriptionFile {
  const user = process.getuid?.() ?? '';
  return new DescriptionFile([
    join(folder, 'model-descriptions.json'),
    join(tmpdir(), `xinference-model-descriptions-${user}.json`),
  ]);
}
