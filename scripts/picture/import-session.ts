import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { styleText } from 'node:util';
import { importModels } from '../../src/import/import.ts';
import { OWNER, startFakeConsole } from '../../test/fake/console/console-server.ts';
import { audio, embedding, llm, rerank } from '../../test/fake/xinference/models.ts';
import { startFakeXinference } from '../../test/fake/xinference/xinference-server.ts';

// A session of the command `import` as a terminal shows it. A proxy leads the addresses of the example to the test's
// own server and console.

const SERVER = 'http://192.168.1.10:9997';
const DIFY = 'http://dify.example';
const ARGV = ['--server', SERVER, '--dify', DIFY, '--email', OWNER.email, '--timeout', '600'];
const SWITCHES = ['--update', '--remove-missing', '--defaults'];

function stored(uid: string, modelType: string, timeout: string) {
  const credentials = { server_url: SERVER, model_uid: uid, invoke_timeout: timeout };
  return { name: uid, modelType, credentials };
}

const server = await startFakeXinference({
  models: [
    llm('qwen3', { model_ability: ['chat', 'tools', 'hybrid'] }),
    embedding('bge-m3', { model_name: 'bge-m3' }),
    rerank('bge-reranker-v2-m3'),
    audio('whisper-large-v3', { model_ability: ['audio2text'] }),
    audio('CosyVoice2', { model_ability: ['text2audio'], model_family: 'CosyVoice' }),
  ],
});
const dify = await startFakeConsole({
  models: [stored('bge-m3', 'text-embedding', '300'), stored('llama-3', 'llm', '300')],
});
const ports: Readonly<Record<string, number>> = {
  [new URL(SERVER).host]: server.port,
  [new URL(DIFY).host]: Number(new URL(dify.url).port),
};
const proxy = createServer((message, response) => {
  const { host, pathname, search } = new URL(message.url ?? '');
  const { method = 'GET', headers } = message;
  const onward = { port: ports[host], path: pathname + search, method, headers };
  message.pipe(
    request(onward, answer => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    }).on('error', () => response.destroy()),
  );
});
await new Promise<void>(resolve => proxy.listen(0, '127.0.0.1', resolve));
process.env['HTTP_PROXY'] = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;

const stdin = Object.assign(new PassThrough(), { isTTY: true });
const screen = Object.assign(new PassThrough(), { isTTY: true });
const answers = [`${OWNER.password}\r`, 'y\r'];
let shown = '';
screen.on('data', (text: Buffer) => {
  shown += text.toString();
  if (/Password of .*: |\[y\/N\] /.test(text.toString())) {
    setImmediate(() => stdin.write(answers.shift() ?? '')); // it reads what is typed when it has asked
  }
});
await importModels([...ARGV, ...SWITCHES], {
  stdin,
  stdout: screen,
  stderr: screen,
  env: {},
  surroundings: { container: undefined, addresses: [], proxies: [] },
});
proxy.closeAllConnections();
proxy.close();
await Promise.all([server.close(), dify.close()]);

console.log(styleText('bold', `$ npm run import -- ${[...ARGV, ...SWITCHES].join(' ')}`));
// Of what was written over a line, the last is what is seen.
const CLEAR_LINE = '\u001b[2K';
for (const line of shown.replaceAll('\r\n', '\n').trimEnd().split('\n')) {
  const at = line.lastIndexOf(CLEAR_LINE);
  console.log(at < 0 ? line : line.slice(at + CLEAR_LINE.length));
}
