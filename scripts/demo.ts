import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { ModelSchema } from '../src/dify/protocol/model-schema.ts';
import type { FakeHost } from '../test/fake/host.ts';
import { type FakeXinference, startFakeXinference } from '../test/fake/xinference-server.ts';
import { buildBundle } from './build/bundle.ts';
import { showChat } from './demo/chat.ts';
import { startPackagedPlugin } from './demo/start-plugin.ts';
import { Terminal } from './demo/terminal.ts';
import { stage } from './package/staging.ts';
import { projectRoot } from './project.ts';

const HELP = `npm run demo                     the plugin against a small Xinference server of its own
npm run demo -- --server URL --model UID [--api-key K]
                                 the same against a real server
  --wire                         show the lines that cross the wire`;

/** What the demo talks to. */
interface Target {
  readonly server: string;
  readonly model: string;
  readonly apiKey: string;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      server: { type: 'string' },
      model: { type: 'string' },
      'api-key': { type: 'string', default: '' },
      wire: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const terminal = new Terminal();
  if (values.help) return terminal.line(HELP);
  if (values.server !== undefined && values.model === undefined)
    throw new Error('--server needs --model UID.');

  const own = values.server === undefined ? await startFakeXinference({ chunkDelay: 25 }) : undefined;
  const folder = await mkdtemp(join(tmpdir(), 'xinference-plugin-'));
  try {
    const target = targetOf(values, own);
    await stagePlugin(folder, terminal);
    await show(terminal, folder, target, values.wire);
  } finally {
    await own?.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function targetOf(
  { server, model = 'chat', 'api-key': apiKey }: { server?: string; model?: string; 'api-key': string },
  own: FakeXinference | undefined,
): Target {
  return { server: server ?? own?.url ?? '', model, apiKey };
}

async function stagePlugin(folder: string, terminal: Terminal): Promise<void> {
  terminal.step('Build and unpack the plugin');
  const bundle = await buildBundle({
    entry: join(projectRoot, 'src', 'main.ts'),
    outfile: join(folder, 'build', 'index.cjs'),
  });
  await stage(projectRoot, bundle, join(folder, 'plugin'));
  terminal.fact('bundle', `${Math.round(bundle.bytes / 1024)} KiB`);
}

/** The steps that a host goes through with a model. */
async function show(terminal: Terminal, folder: string, target: Target, wire: boolean): Promise<void> {
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
    terminal.fact('server', target.server);

    const credentials = { server_url: target.server, model_uid: target.model, api_key: target.apiKey };
    const request = { credentials, model: target.model, model_type: 'llm' };
    terminal.step(`Validate the credentials of ${target.model}`);
    await one(host, 'validate_model_credentials', request);
    terminal.fact('result', 'accepted');

    terminal.step('Ask for its schema');
    const { model_schema: schema } = (await one(host, 'get_ai_model_schemas', request)) as {
      model_schema: ModelSchema;
    };
    terminal.fact('mode', String(schema.model_properties['mode']));
    terminal.fact('context', `${String(schema.model_properties['context_size'])} tokens`);
    terminal.fact('features', schema.features.join(', ') || 'none');
    terminal.fact('parameters', schema.parameter_rules.map(rule => rule.name).join(', '));

    terminal.step('Chat');
    await showChat(host, terminal, request);
  } finally {
    await host.close();
  }
  terminal.success('Every line kept to the protocol.');
}

/** The one result of an action. @throws Error with what the plugin said */
async function one(host: FakeHost, action: string, request: Record<string, unknown>): Promise<unknown> {
  const { stream, error } = await host.request(action, request).result();
  if (error !== undefined) throw new Error(`${error.error_type}: ${error.message}`);
  return stream[0];
}

main().catch((error: unknown) => {
  new Terminal(process.stderr).failure(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
