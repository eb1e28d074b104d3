import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DebugHostOptions, type FakeDebugHost, startDebugHost } from './debug-host.ts';

const label = { en_US: 'Label' };
const field = {
  variable: 'server_url',
  label,
  type: 'text-input',
  required: true,
  default: '60',
  show_on: [{ variable: '__model_type', value: 'llm' }],
};
const provider = {
  provider: 'xinference',
  label,
  icon_small: { en_US: 'small.svg' },
  supported_model_types: ['llm', 'text-embedding'],
  configurate_methods: ['customizable-model'],
  model_credential_schema: { model: { label }, credential_form_schemas: [field] },
  models: [],
};
const manifest = {
  version: '0.1.0',
  type: 'plugin',
  author: 'author',
  name: 'xinference',
  label,
  description: label,
  icon: 'icon.svg',
  created_at: '2026-01-01T00:00:00Z',
  resource: { memory: 1 },
  plugins: { models: ['provider/xinference.yaml'] },
  meta: {
    version: '0.0.1',
    arch: ['amd64'],
    runner: { language: 'python', version: '3.12', entrypoint: 'main' },
  },
  tags: [],
};

interface Message {
  readonly type: string;
  readonly data: unknown;
}

let host: FakeDebugHost;
const start = async (options: DebugHostOptions = {}) => {
  await host?.close();
  host = await startDebugHost(options);
};
beforeEach(() => start());
afterEach(() => host.close());

/** A good declaration. */
function declaration(): Message[] {
  const chunk = (filename: string, data: string, end: boolean) => ({
    type: 'asset_chunk',
    data: { filename, data: Buffer.from(data).toString('base64'), end },
  });
  return [
    { type: 'handshake', data: { key: host.key } },
    { type: 'manifest_declaration', data: manifest },
    { type: 'model_declaration', data: [provider] },
    chunk('icon.svg', '<svg', false),
    chunk('icon.svg', '/>', true),
    chunk('small.svg', '<svg/>', true),
    { type: 'end', data: {} },
  ];
}

/** Sends messages, and gives what the host says until it closes. */
async function declare(messages: readonly (Message | string)[]): Promise<string> {
  const socket = connect(host.port, '127.0.0.1').on('error', () => undefined);
  for (const message of messages) {
    socket.write(`${typeof message === 'string' ? message : JSON.stringify(message)}\n`);
  }
  return text(socket);
}

/** The good declaration with the data of one message replaced. */
function declareWith(type: string, data: unknown): Promise<string> {
  return declare(declaration().map(message => (message.type === type ? { type, data } : message)));
}

describe('a debugging host', () => {
  it('takes a declaration in order, and then sends requests', async () => {
    const socket = connect(host.port, '127.0.0.1');
    for (const message of declaration()) socket.write(`${JSON.stringify(message)}\n`);
    const connection = await host.connection();
    expect(connection.manifest).toEqual(manifest);
    expect(connection.provider).toEqual(provider);
    expect(Object.fromEntries([...connection.assets].map(([name, data]) => [name, String(data)]))).toEqual({
      'icon.svg': '<svg/>',
      'small.svg': '<svg/>',
    });
    socket.write('{"event":"heartbeat","session_id":null,"data":{}}\n');
    await connection.host.ready();
    const session = connection.host.request('invoke_rerank');
    const [line] = await once(socket, 'data');
    expect(JSON.parse(String(line))).toMatchObject({ event: 'request', session_id: session.id });
    connection.cut('close');
    await expect(session.result()).rejects.toThrow('the plugin ended');
  });

  it.each<[string, string, unknown, string]>([
    ['a wrong key', 'handshake', { key: 'wrong' }, 'handshake failed, invalid key'],
    ['no key', 'handshake', {}, 'handshake failed, invalid key'],
    ['no created_at', 'manifest_declaration', { ...manifest, created_at: undefined }, '/created_at'],
    ['a date alone', 'manifest_declaration', { ...manifest, created_at: '2026-01-01' }, '/created_at'],
    ['an upper-case author', 'manifest_declaration', { ...manifest, author: 'Author' }, '/author'],
    ['another type', 'manifest_declaration', { ...manifest, type: 'bundle' }, '/type'],
    ['a version of two numbers', 'manifest_declaration', { ...manifest, version: '0.1' }, '/version'],
    ['no memory', 'manifest_declaration', { ...manifest, resource: { memory: 0 } }, '/resource/memory'],
    ['no label', 'manifest_declaration', { ...manifest, label: {} }, '/label/en_US'],
    [
      'tools beside models',
      'manifest_declaration',
      { ...manifest, plugins: { models: ['a'], tools: ['b'] } },
      '/plugins/tools',
    ],
    [
      'Node as its language',
      'manifest_declaration',
      { ...manifest, meta: { ...manifest.meta, runner: { ...manifest.meta.runner, language: 'node' } } },
      '/meta/runner/language',
    ],
    ['a provider that is no list', 'model_declaration', provider, 'must be a list'],
    ['a provider without models', 'model_declaration', [{ ...provider, models: undefined }], '/0/models'],
    [
      'an unknown model type',
      'model_declaration',
      [{ ...provider, supported_model_types: ['chat'] }],
      '/0/supported_model_types/0',
    ],
    [
      'a default that is a number',
      'model_declaration',
      [
        {
          ...provider,
          model_credential_schema: { model: { label }, credential_form_schemas: [{ ...field, default: 60 }] },
        },
      ],
      '/credential_form_schemas/0/default',
    ],
    [
      'an empty chunk',
      'asset_chunk',
      { filename: 'icon.svg', data: '', end: true },
      'without filename or data',
    ],
    [
      'a chunk that is no base64',
      'asset_chunk',
      { filename: 'icon.svg', data: '<svg>', end: true },
      'illegal base64',
    ],
  ])('refuses %s', async (_name, type, data, words) => {
    expect(await declareWith(type, data)).toContain(words);
    expect(host.refusals[0]).toContain(words);
  });

  it('refuses a declaration without an icon that it speaks of', async () => {
    const withoutIcon = declaration().filter(
      ({ data }) => (data as { filename?: string }).filename !== 'icon.svg',
    );
    expect(await declare(withoutIcon)).toContain('file not found: icon.svg');
  });

  it('refuses an asset without its end', async () => {
    const cut = declaration().filter(({ data }) => (data as { data?: string }).data !== btoa('/>'));
    expect(await declare(cut)).toContain('icon.svg has no end');
  });

  it('refuses what is no message', async () => {
    expect(await declare(['hello'])).toBe('handshake failed, invalid handshake message\n');
    expect(await declare(['{"event":"heartbeat","session_id":null,"data":{}}'])).toContain(
      'invalid handshake',
    );
  });

  it('refuses a whole declaration when told to', async () => {
    host.refuseWith = 'server is busy now, please try again later';
    expect(await declare(declaration())).toBe('server is busy now, please try again later\n');
  });

  it.each([
    ['handshake', 'manifest_declaration after ""'],
    ['manifest_declaration', 'model_declaration after "handshake"'],
    ['model_declaration', 'asset_chunk after "manifest_declaration"'],
  ])('closes where the %s is left out', async (type, reason) => {
    expect(await declare(declaration().filter(message => message.type !== type))).toBe('');
    expect(host.refusals).toEqual([reason]);
  });

  it('closes without a word when the handshake is late, or the heartbeat stays away', async () => {
    await start({ handshakeTimeout: 20, heartbeatTimeout: 20 });
    expect(await declare([])).toBe('');
    expect(await declare(declaration())).toBe('');
    expect(host.refusals).toEqual(['no handshake', 'no heartbeat']);
  });
});
