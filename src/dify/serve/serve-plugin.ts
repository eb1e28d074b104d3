import { startHeartbeat } from '../heartbeat.ts';
import type { PluginModule } from '../plugin.ts';
import { maxLineBytes } from '../transport/lines/line-limit.ts';
import { StdioTransport } from '../transport/stdio.ts';
import type { About } from './about.ts';
import { loadEnvFile } from './env-file.ts';

/**
 * Runs a program as a plugin: serves a Dify host the way that `INSTALL_METHOD` names (`local`, `remote`, `serverless`,
 * `aws_lambda`), or does what the command line asks for. Call it once, at the end of the program's first module, and let
 * that module import nothing else: in local mode the first heartbeat goes out before anything is loaded.
 * @param load imports the plugin. When that fails, the host's requests are answered with an error, and the process ends with
 *   exit code 1
 */
export async function servePlugin(load: () => Promise<PluginModule>, about: About): Promise<void> {
  if (isTooOld(process.versions.node)) {
    const { nodeVariable } = await import('./node-variable.ts');
    process.stderr.write(
      `${about.name} plugin: Node.js ${process.versions.node} is too old, 22.19 or newer is needed: unset ${nodeVariable(about.name)}, or point it at a newer one.\n`,
    );
    process.exitCode = 1;
    return;
  }
  process.stderr.on('error', () => {}); // what it is told there is no reason to die
  const words = process.argv.slice(2);
  if (words.length > 0) return (await import('./command-line.ts')).runCommand(words, about);
  // A host says `local` itself, and wants nothing of a file.
  if (process.env['INSTALL_METHOD'] !== 'local') {
    try {
      loadEnvFile();
    } catch (error) {
      return (await import('./end-process.ts')).endWith(error, about.name);
    }
  }
  const method = process.env['INSTALL_METHOD'] || 'local';
  if (method === 'local') return serveLocal(load, about);
  return (await import('./install-methods.ts')).serveBy(method, load, about);
}

/**
 * Local mode. The heartbeat goes out first: it tells the host that the plugin is ready, and the host's lines wait in the
 * pipe for the few milliseconds in which everything else is loaded.
 */
async function serveLocal(load: () => Promise<PluginModule>, about: About): Promise<void> {
  const transport = new StdioTransport(process.stdin, process.stdout, maxLineBytes(process.env));
  // To the last, also when stdin has ended: a beat that cannot be written tells that the host is gone.
  void transport.gone.then(startHeartbeat(transport.writer));
  try {
    const { serve } = await import('./serve.ts');
    const { createLogger, hostLogDestination } = await import('../log.ts');
    const plugin = await load();
    await serve(transport, plugin, createLogger(hostLogDestination(transport.writer)), about);
  } catch (error) {
    const { endUnloaded } = await import('./unloaded.ts');
    await endUnloaded(error, transport, about.name);
  }
}

/** Whether a Node.js lacks what is used everywhere. The launcher finds a newer one by itself, but can be told another. */
function isTooOld(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < 22 || (major === 22 && minor < 19);
}
