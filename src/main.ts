import { startHeartbeat } from './dify/heartbeat.ts';
import { loadEnvFile } from './dify/serve/env-file.ts';
import { maxLineBytes } from './dify/transport/lines/line-limit.ts';
import { StdioTransport } from './dify/transport/stdio.ts';

/**
 * Local mode. The heartbeat goes out first: it tells the host that the plugin is ready, and the host's lines wait in the
 * pipe for the few milliseconds in which everything else is loaded.
 */
async function runLocal(): Promise<void> {
  const transport = new StdioTransport(process.stdin, process.stdout, maxLineBytes(process.env));
  // To the last, also when stdin has ended: a beat that cannot be written tells that the host is gone.
  void transport.gone.then(startHeartbeat(transport.writer));
  try {
    const { serveLocal } = await import('./dify/serve/local.ts');
    serveLocal(transport);
  } catch (error) {
    const { endUnloaded } = await import('./dify/serve/unloaded.ts');
    await endUnloaded(error, transport);
  }
}

/** Whether a Node.js lacks what is used everywhere. The launcher finds a newer one by itself, but can be told another. */
function isTooOld(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < 22 || (major === 22 && minor < 19);
}

async function main(): Promise<void> {
  if (isTooOld(process.versions.node)) {
    process.stderr.write(
      `xinference plugin: Node.js ${process.versions.node} is too old, 22.19 or newer is needed: unset XINFERENCE_PLUGIN_NODE, or point it at a newer one.\n`,
    );
    process.exitCode = 1;
    return;
  }
  const words = process.argv.slice(2);
  if (words.length > 0) return (await import('./commands.ts')).runCommand(words);
  // A host says `local` itself, and wants nothing of a file.
  if (process.env['INSTALL_METHOD'] !== 'local') loadEnvFile();
  const method = process.env['INSTALL_METHOD'] || 'local';
  if (method === 'local') return runLocal();
  return (await import('./dify/serve/install-methods.ts')).runMethod(
    method,
    `${import.meta.dirname}/../_assets`,
  );
}

void main();
