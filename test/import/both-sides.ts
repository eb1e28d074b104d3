import { afterEach } from 'vitest';
import {
  type FakeConsole,
  type FakeConsoleOptions,
  OWNER,
  startFakeConsole,
} from '../fake/console/console-server.ts';
import { PROVIDER, type Seed } from '../fake/console/workspace.ts';
import { audio, embedding, type FakeModel, llm } from '../fake/xinference/models.ts';
import { type FakeXinference, startFakeXinference } from '../fake/xinference/xinference-server.ts';
import { type RunOptions, reportOf, runImport } from './run.ts';

/** The ages of the fake console. */
export const AGES = ['new', 'middle', 'named', 'old'] as const;

/** Where the forms of models are, as the fake console names its routes. */
export const FORMS = `/workspaces/current/model-providers/${PROVIDER}/models/credentials`;

const MODELS = [llm('chat'), embedding('bge-m3'), audio('whisper', { model_ability: ['audio2text'] })];

let server: FakeXinference | undefined;
let dify: FakeConsole | undefined;

/** Closes what {@link start} has started, after each test. */
export function closeBothSides(): void {
  afterEach(async () => {
    await Promise.all([server?.close(), dify?.close()]);
  });
}

/** Both sides. @param seeds what stands in Dify; it gets the server's address */
export async function start({
  models = MODELS,
  seeds = () => [],
  apiKeys,
  ...options
}: {
  models?: readonly FakeModel[];
  seeds?: (url: string) => readonly Seed[];
  apiKeys?: readonly string[];
} & Omit<FakeConsoleOptions, 'models'> = {}) {
  const xinference = await startFakeXinference({ models, ...(apiKeys && { apiKeys }) });
  server = xinference;
  const console = await startFakeConsole({ ...options, models: seeds(xinference.url) });
  dify = console;
  const words = ['--server', xinference.url, '--dify', console.url, '--email', OWNER.email];
  return {
    xinference,
    dify: console,
    run: (...rest: string[]) => runImport([...words, ...rest]),
    report: (...rest: string[]) => reportOf([...words, ...rest]),
    runWith: (options: RunOptions, ...rest: string[]) => runImport([...words, ...rest], options),
  };
}

/** A model as an earlier import, or a user, left it. */
export function stored(
  name: string,
  modelType: string,
  url: string,
  credentials: Record<string, string> = {},
): Seed {
  const form = {
    server_url: url,
    model_uid: name,
    invoke_timeout: '300',
    max_retries: '3',
    tls_verify: 'yes',
  };
  return { name, modelType, credentials: { ...form, ...credentials } };
}
