import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { checkPackage, findingLine } from '../../scripts/package/checks/checks.ts';
import type { Package } from '../../scripts/package/make-package.ts';
import { makeServerPackage } from '../../scripts/package/one-server/make-server-package.ts';
import { hostSlug } from '../../scripts/package/one-server/server-plugin.ts';
import { readPlugin } from '../../scripts/plugin.ts';
import { FakeHost } from '../fake/host/host.ts';
import { type FakeXinference, startFakeXinference } from '../fake/xinference/xinference-server.ts';
import { pluginPython, VENV_TIMEOUT } from '../launcher/venv.ts';

const KEY = 'sk-of-the-command-line';

/** `npm run package -- --models-of URL --api-key KEY` */
describe('a package made for one server', () => {
  const folder = mkdtempSync(join(tmpdir(), 'xinference-one-server-'));
  const plugin = join(folder, 'plugin');
  let python: string;
  let server: FakeXinference;
  let other: FakeXinference;
  let made: Package;
  let host: FakeHost;

  beforeAll(async () => {
    python = await pluginPython();
    server = await startFakeXinference({ apiKeys: [KEY] });
    other = await startFakeXinference({ models: [] });
    made = await makeServerPackage(readPlugin(), `${server.url}/v1/`, KEY, {
      out: join(folder, 'one.difypkg'),
    });
    execFileSync(python, ['-m', 'zipfile', '-e', made.file, plugin]);
    host = FakeHost.spawn(python, ['-m', 'main'], { cwd: plugin, env: { PATH: '/nowhere' } });
    await host.ready();
  }, VENV_TIMEOUT);
  afterAll(async () => {
    await host.close();
    await server.close();
    await other.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const read = (path: string) => parse(readFileSync(join(plugin, path), 'utf8'), { version: '1.1' });
  const modelFiles = () =>
    readdirSync(join(plugin, 'models'), { recursive: true, encoding: 'utf8' })
      .filter(name => name.endsWith('.yaml'))
      .map(name => read(join('models', name)) as { model: string; model_type: string });
  const credentials = () => ({ server_url: server.url, api_key: KEY });
  const ask = (action: string, data: Record<string, unknown>) => host.request(action, data).result();

  it('has a name of its own, beside which the other one can be installed', () => {
    expect(made.identifier).toMatch(/\/xinference-127-0-0-1:/);
    expect(read('manifest.yaml').label.en_US).toBe('Xorbits Inference (127.0.0.1)');
    expect(hostSlug('https://GPU_1.example.org:9997/a')).toBe('gpu-1-example-org');
  });

  it('asks once for address and key, with the address of the server, and lets models be added too', () => {
    const provider = read('provider/xinference.yaml');
    expect(provider.configurate_methods).toEqual(['predefined-model', 'customizable-model']);
    const fields = provider.provider_credential_schema.credential_form_schemas;
    const defaults = fields.map((field: { variable: string; default?: string }) => [
      field.variable,
      field.default,
    ]);
    expect(Object.fromEntries(defaults)).toEqual({
      server_url: server.url,
      api_key: undefined,
      invoke_timeout: '300',
      max_retries: '3',
      tls_verify: 'yes',
    });
    expect(provider.model_credential_schema.credential_form_schemas.length).toBeGreaterThan(10);
  });

  it('holds no key', () => {
    for (const { path, content } of made.files) expect(Buffer.from(content).includes(KEY), path).toBe(false);
  });

  it('has nothing against it that the Marketplace checks, but for the name of the publisher', () => {
    const findings = checkPackage(made.files).map(findingLine);
    expect(findings.filter(line => !/still says "(?:your-github-name|you@example\.com)"/.test(line))).toEqual(
      [],
    );
  });

  it('describes each model as its file does', async () => {
    const files = modelFiles();
    expect(new Set(files.map(file => file.model_type)).size).toBe(5);
    for (const file of files) {
      const { stream, error } = await ask('get_ai_model_schemas', { ...file, credentials: credentials() });
      expect(error).toBeUndefined();
      const [{ model_schema }] = stream as [{ model_schema: Record<string, unknown> }];
      expect({ ...model_schema, fetch_from: undefined }).toEqual({ ...file, fetch_from: undefined });
    }
  });

  it("is called with the provider's credentials: the model's name is the UID", async () => {
    const { stream, error } = await ask('invoke_llm', {
      model: 'chat',
      credentials: credentials(),
      prompt_messages: [{ role: 'user', content: 'hi' }],
      stream: true,
    });
    expect(error).toBeUndefined();
    expect(stream.length).toBeGreaterThan(1);
    expect(server.requests.at(-1)?.body).toMatchObject({ model: 'chat' });
  });

  it("checks the provider's credentials by asking once what runs", async () => {
    const before = server.requests.length;
    expect(
      (await ask('validate_provider_credentials', { credentials: credentials() })).error,
    ).toBeUndefined();
    expect(server.requests.slice(before).map(({ path }) => path)).toEqual(['/v1/models']);
  });

  it('refuses credentials of a server that runs none of its models', async () => {
    const { error } = await ask('validate_provider_credentials', { credentials: { server_url: other.url } });
    expect(error?.error_type).toBe('CredentialsValidateFailedError');
    expect(error?.message).toContain('none of the models that this plugin brings along');
  });

  it('is not made of a server that runs nothing, or cannot be reached', async () => {
    await expect(makeServerPackage(readPlugin(), other.url, '', {})).rejects.toThrow();
    await expect(makeServerPackage(readPlugin(), 'http://127.0.0.1:1', '', {})).rejects.toThrow(
      'Nothing listens',
    );
  });
});
