import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { declarationOf } from '../../../../src/dify/declaration/declaration.ts';
import type { LineWriter } from '../../../../src/dify/transport/lines/line-writer.ts';
import { BackOff } from '../../../../src/dify/transport/remote/back-off.ts';
import { RemoteTransport } from '../../../../src/dify/transport/remote/remote.ts';
import { declarationLines, readAssets } from '../../../../src/dify/transport/remote/remote-declaration.ts';
import { FakeDebugHost, startDebugHost } from '../../../fake/debug-host/debug-host.ts';
import { connectBlackHole, refused } from '../../../fake/network/connections.ts';

const declaration = declarationOf(`${import.meta.dirname}/../../../..`);

let assets: string;
let transport: RemoteTransport;
/** What the transport of one test did. */
let seen: { log: string[]; lines: string[]; lost: number; writer?: LineWriter };

beforeEach(() => {
  assets = mkdtempSync(join(tmpdir(), 'xinference-assets-'));
  const names = ['icon.svg', 'icon-dark.svg', 'icon-large.svg', 'icon-large-dark.svg'];
  for (const name of names) writeFileSync(join(assets, name), `<svg><!-- ${name} --></svg>`);
  seen = { log: [], lines: [], lost: 0 };
});
afterEach(() => {
  transport.stop();
  rmSync(assets, { recursive: true });
});

interface To {
  readonly port: number;
  readonly host?: string;
  readonly key?: string;
  readonly backOff?: BackOff;
}

/** Connects to a debugging host; waits between attempts are a few ms unless told. */
async function run({ port, host = '127.0.0.1', key = '', backOff }: To): Promise<void> {
  const files = await readAssets(assets);
  const mine = seen; // a later test has its own
  transport = new RemoteTransport({
    address: { host, port },
    key,
    declaration: () => declarationLines(declaration, files),
    maxLineBytes: 1_000_000,
    log: pino({}, { write: line => void mine.log.push((JSON.parse(line) as { msg: string }).msg) }),
    backOff: backOff ?? new BackOff({ least: 5, most: 20 }),
  });
  await transport.start({
    receive: (line, to) => {
      mine.lines.push(line.toString('utf8'));
      mine.writer = to;
    },
    receiveOversized: () => undefined,
    open: () => undefined,
    cancelAll: () => {
      mine.lost++;
    },
  });
}

async function logged(what: string): Promise<string> {
  for (;;) {
    const line = seen.log.find(message => message.includes(what));
    if (line !== undefined) return line;
    await sleep(10);
  }
}

describe('a plugin that debugs remotely', () => {
  it('declares what it is, with all of its icons, and beats at once', async () => {
    const big = randomBytes(200_000);
    writeFileSync(join(assets, 'picture.png'), big);
    writeFileSync(join(assets, '.hidden'), 'not sent');
    writeFileSync(join(assets, 'empty.svg'), '');
    mkdirSync(join(assets, 'folder'));
    await using host = await startDebugHost();
    void run(host);
    const connection = await host.connection();
    await connection.host.ready();
    expect(connection.manifest).toEqual(declaration.manifest);
    expect(connection.provider).toEqual(declaration.provider);
    expect([...connection.assets.keys()]).toEqual([
      'icon-dark.svg',
      'icon-large-dark.svg',
      'icon-large.svg',
      'icon.svg',
      'picture.png',
    ]);
    expect(connection.assets.get('picture.png')?.equals(big)).toBe(true);
    expect(await logged('Declared')).toContain(`127.0.0.1:${host.port}`);
  });

  it('reaches a host at an IPv6 address', async () => {
    await using host = await new FakeDebugHost({ address: '::1' }).listen();
    void run({ port: host.port, host: '::1', key: host.key });
    await (await host.connection()).host.ready();
    expect(await logged('Declared')).toContain(`[::1]:${host.port}`);
  });

  it.each([
    [0, /"handshake failed, invalid key".*REMOTE_INSTALL_KEY/, 'wrong'],
    [1, /"assets remap failed.*icon\.svg.*_assets/, undefined],
  ])('ends when it is refused, in the words of the host (%#)', async (files, message, key) => {
    if (files > 0) rmSync(join(assets, 'icon.svg'));
    await using host = await startDebugHost();
    await expect(run({ port: host.port, key: key ?? host.key })).rejects.toThrow(message);
    await sleep(50);
    expect(host.attempts).toBe(1);
    expect(seen.log).toEqual([]);
  });

  it('says so when something else answers at the address', async () => {
    await using web = createServer();
    await once(web.listen(0, '127.0.0.1'), 'listening');
    const { port } = web.address() as AddressInfo;
    await expect(run({ port })).rejects.toThrow(/"HTTP\/1\.1 400 Bad Request".*REMOTE_INSTALL_URL/);
  });

  it('makes what answers there readable', async () => {
    await using server = createTcpServer(socket => socket.resume().end('\u001b[31mgo\u0000 away\u0007\r\n'));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    await expect(run({ port })).rejects.toThrow('"[31mgo away"');
  });

  it('tries again when the host is busy', async () => {
    await using host = await startDebugHost();
    host.refuseWith = 'server is busy now, please try again later';
    void run(host);
    await host.refusal(2);
    host.refuseWith = undefined;
    await host.connection();
    expect(await logged('busy')).toContain('Trying again');
  });

  it('waits for a host that is not there yet', async () => {
    const nobody = await refused();
    const port = Number(new URL(nobody.url).port);
    void run({ port, key: 'key' });
    expect(await logged('ECONNREFUSED')).toMatch(
      /cannot be reached at .*REMOTE_INSTALL_URL.*Trying again in/,
    );
    await using host = await new FakeDebugHost({ key: 'key' }).listen(port);
    await host.connection();
  });

  it('gives an attempt up after 10 s', async () => {
    await using hole = await connectBlackHole();
    void run({ port: Number(new URL(hole.url).port) });
    await logged('no answer within 10 s');
  });

  it.each(['reset', 'close'] as const)('connects and declares again after a %s', async how => {
    await using host = await startDebugHost();
    void run(host);
    const first = await host.connection();
    await first.host.ready();
    expect(seen.lost).toBe(0);
    first.cut(how);
    const second = await host.connection(2);
    await second.host.ready();
    expect(second.manifest).toEqual(first.manifest);
    expect(second.assets).toEqual(first.assets);
    expect(seen.lost).toBe(1);
    expect(await logged('was lost')).toContain('Trying again in');
    second.host.send('{"event":"request"}');
    while (seen.lines.length === 0) await sleep(5);
    void seen.writer?.write(
      '{"event":"log","session_id":null,"data":{"level":"INFO","message":"","timestamp":1}}',
    );
    while (second.host.logs.length === 0) await sleep(5);
    expect(first.host.logs).toEqual([]);
  });

  it('waits longer each time, until a connection has lasted', async () => {
    await using host = await startDebugHost();
    host.refuseWith = 'server is busy now, please try again later';
    void run({
      port: host.port,
      key: host.key,
      backOff: new BackOff({ least: 100, most: 500, random: () => 1 }),
    });
    await host.refusal(2);
    host.refuseWith = undefined;
    const connection = await host.connection();
    await sleep(600);
    connection.cut();
    await logged('was lost');
    expect(seen.log.map(line => /again in (.*) s/.exec(line)?.[1]).filter(Boolean)).toEqual([
      '0.3',
      '0.5',
      '0.3',
    ]);
  });

  it('does not connect again once it is stopped', async () => {
    const nobody = await refused();
    const running = run({ port: Number(new URL(nobody.url).port), backOff: new BackOff() });
    await logged('Trying again');
    transport.stop();
    await running;
  });

  it('takes no more lines once it is stopped, and delivers what it has written', async () => {
    await using host = await startDebugHost();
    const running = run(host);
    const connection = await host.connection();
    await connection.host.ready();
    connection.host.send('{"event":"request","session_id":"1"}');
    while (seen.lines.length === 0) await sleep(5);
    transport.stop();
    connection.host.pause();
    connection.host.send('{"event":"request","session_id":"2"}');
    const data = { level: 'INFO', message: 'x'.repeat(900_000), timestamp: 1 };
    for (let times = 0; times < 20; times++) {
      void seen.writer?.write(JSON.stringify({ event: 'log', session_id: null, data }));
    }
    let flushed = false;
    const flush = transport.flush().then(() => {
      flushed = true;
    });
    await sleep(100);
    expect(flushed).toBe(false);
    connection.host.resume();
    await flush;
    while (connection.host.logs.length < 20) await sleep(5);
    connection.cut('close');
    await running;
    expect(seen.lines).toHaveLength(1);
  });
});

it('a plugin without its icons says which folder is missing', async () => {
  await expect(readAssets(join(assets, 'nowhere'))).rejects.toThrow(/nowhere, cannot be read/);
});
