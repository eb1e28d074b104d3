import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { freePort } from './free-port.ts';

/** An address at which something is wrong before a byte of HTTP is spoken. */
export interface DeadEnd {
  readonly url: string;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A port at which nobody listens: connecting is refused at once. */
export async function refused(): Promise<DeadEnd> {
  return deadEnd(await freePort(), async () => undefined);
}

/** A port that takes connections and every byte sent over them, and never says a word. */
export async function silent(): Promise<DeadEnd> {
  const sockets = new Set<Socket>();
  const server = createServer(socket => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    socket.resume();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return deadEnd(port, async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  });
}

/** A listener on a thread that never comes round to accepting: the kernel's queue of one fills, and that is that. */
const frozenListener = `
  const { parentPort } = require('node:worker_threads');
  const server = require('node:net').createServer();
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
  });`;

/**
 * A port at which connecting neither succeeds nor fails, as behind a firewall that drops packets: its queue of
 * connections is full. Linux drops the handshake then; where a system does not, this throws.
 */
export async function connectBlackHole(): Promise<DeadEnd> {
  const worker = new Worker(frozenListener, { eval: true });
  const [port] = (await once(worker, 'message')) as [number];
  const fillers: Socket[] = [];
  const close = async () => {
    for (const socket of fillers) socket.destroy();
    await worker.terminate();
  };
  while (fillers.length < 16) {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    fillers.push(socket);
    const isConnected = once(socket, 'connect').then(() => true);
    // A turn later: one that was made while this process was busy is told after the timer.
    const waited = sleep(250).then(() => nextTurn(false));
    const connected = await Promise.race([isConnected, waited]);
    if (!connected) return deadEnd(port, close);
  }
  await close();
  throw new Error('this system takes connections beyond a full queue');
}

function deadEnd(port: number, close: () => Promise<void>): DeadEnd {
  return { url: `http://127.0.0.1:${port}`, close, [Symbol.asyncDispose]: close };
}
