import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { ModelSchema } from '../src/dify/protocol/results.schemas.ts';
import { wavTone } from '../test/fake/sound/tone.ts';
import { startFakeXinference } from '../test/fake/xinference/xinference-server.ts';
import { buildBundle } from './build/bundle.ts';
import { showChat } from './demo/chat.ts';
import { chooseModels, type DemoModel } from './demo/models.ts';
import { DemoPlugin } from './demo/plugin.ts';
import { showRerank, showSearch } from './demo/search.ts';
import { showListening, showSpeaking } from './demo/speech.ts';
import { startPackagedPlugin } from './demo/start-plugin.ts';
import { Terminal } from './demo/terminal.ts';
import { writeFiles } from './package/package-file.ts';
import { filesOf } from './package/staging.ts';
import { readPlugin } from './plugin.ts';

const HELP = `npm run demo                     the plugin against a small Xinference server of its own
npm run demo -- --server URL [--model UID]… [--api-key K]
                                 the same against a real server; without a model, the first one of each type
  --wire                         show the lines that cross the wire`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      server: { type: 'string' },
      model: { type: 'string', multiple: true, default: [] },
      'api-key': { type: 'string', default: '' },
      wire: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const terminal = new Terminal();
  if (values.help) return terminal.line(HELP);

  const own = values.server === undefined ? await startFakeXinference({ chunkDelay: 25 }) : undefined;
  const folder = await mkdtemp(join(tmpdir(), 'xinference-plugin-'));
  try {
    const server = values.server ?? own?.url ?? '';
    const models = await chooseModels(server, values['api-key'], values.model);
    await unpackPlugin(folder, terminal);
    await show(terminal, folder, { server, apiKey: values['api-key'], models, wire: values.wire });
  } finally {
    await own?.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function unpackPlugin(folder: string, terminal: Terminal): Promise<void> {
  terminal.step('Build and unpack the plugin');
  const plugin = readPlugin();
  const bundle = await buildBundle(plugin, join(folder, 'build', 'index.cjs'));
  writeFiles(await filesOf(plugin, bundle), join(folder, 'plugin'));
  terminal.fact('bundle', `${Math.round(bundle.bytes / 1024)} KiB`);
}

interface Show {
  readonly server: string;
  readonly apiKey: string;
  readonly models: readonly DemoModel[];
  readonly wire: boolean;
}

/** The steps that a host goes through with its models. */
async function show(
  terminal: Terminal,
  folder: string,
  { server, apiKey, models, wire }: Show,
): Promise<void> {
  terminal.step('Start it as a Dify host does');
  const started = performance.now();
  const { host, command } = startPackagedPlugin(join(folder, 'plugin'), {
    checkAnswers: true,
    ...(wire && { trace: ({ from, line }) => terminal.wire(from, line) }),
  });
  try {
    terminal.fact('command', command);
    await host.ready();
    terminal.fact('handshake', `first heartbeat after ${Math.round(performance.now() - started)} ms`);
    terminal.fact('server', server);
    const plugin = new DemoPlugin(host, server, apiKey);
    for (const model of models) await introduce(plugin, terminal, model);
    await useModels(plugin, terminal, models);
  } finally {
    await host.close();
  }
  terminal.success('Every line kept to the protocol.');
}

/** What Dify does when a user adds a model. */
async function introduce(plugin: DemoPlugin, terminal: Terminal, model: DemoModel): Promise<void> {
  terminal.step(`Add ${model.uid} as ${model.type}`);
  await plugin.one('validate_model_credentials', model);
  terminal.fact('credentials', 'accepted');
  const { model_schema: schema } = await plugin.one<{ model_schema: ModelSchema }>(
    'get_ai_model_schemas',
    model,
  );
  for (const [name, value] of Object.entries(schema.model_properties)) {
    if (typeof value !== 'object') terminal.fact(name, String(value));
  }
  if (schema.features.length > 0) terminal.fact('features', schema.features.join(', '));
  const rules = schema.parameter_rules.map(rule => rule.name);
  if (rules.length > 0) terminal.fact('parameters', rules.join(', '));
}

async function useModels(
  plugin: DemoPlugin,
  terminal: Terminal,
  models: readonly DemoModel[],
): Promise<void> {
  // What was spoken is listened to; without a speaker, a tone.
  let sound = wavTone(1000);
  for (const model of [...models].sort(byOrder)) {
    switch (model.type) {
      case 'llm':
        terminal.step(`Chat with ${model.uid}`);
        await showChat(plugin, terminal, model);
        break;
      case 'text-embedding':
        terminal.step(`Search with ${model.uid}`);
        await showSearch(plugin, terminal, model);
        break;
      case 'rerank':
        terminal.step(`Rerank with ${model.uid}`);
        await showRerank(plugin, terminal, model);
        break;
      case 'tts':
        terminal.step(`Speak with ${model.uid}`);
        sound = await showSpeaking(plugin, terminal, model);
        break;
      case 'speech2text':
        terminal.step(`Listen with ${model.uid}`);
        await showListening(plugin, terminal, model, sound);
        break;
    }
  }
}

const ORDER: readonly DemoModel['type'][] = ['llm', 'text-embedding', 'rerank', 'tts', 'speech2text'];

function byOrder(left: DemoModel, right: DemoModel): number {
  return ORDER.indexOf(left.type) - ORDER.indexOf(right.type);
}

main().catch((error: unknown) => {
  new Terminal(process.stderr).failure(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
