import { startHeartbeat } from './dify/heartbeat.ts';
import { StdioTransport } from './dify/transport/stdio.ts';

/** The host's scanner fails on a longer line and kills the plugin. Somewhat less than its limit of 5 MiB. */
const MAX_LINE_BYTES = 5_000_000;
/** What a limit from the environment is lowered by, to stay clear of it. */
const LINE_MARGIN = 4096;

/** The longest line that the host takes, in bytes. */
function maxLineBytes(env: NodeJS.ProcessEnv): number {
  const limit = Number(env['PLUGIN_RUNTIME_MAX_BUFFER_SIZE'] ?? env['PLUGIN_STDIO_MAX_BUFFER_SIZE']);
  return limit > LINE_MARGIN ? limit - LINE_MARGIN : MAX_LINE_BYTES;
}

/**
 * Local mode. The heartbeat goes out first: it tells the host that the plugin is ready, and the host's lines wait in the
 * pipe for the few milliseconds in which everything else is loaded.
 */
async function runLocal(): Promise<void> {
  const transport = new StdioTransport(process.stdin, process.stdout, maxLineBytes(process.env));
  const stopHeartbeat = startHeartbeat(transport.writer);
  void transport.closed.then(stopHeartbeat);
  const { serveLocal } = await import('./local.ts');
  serveLocal(transport);
}

void runLocal();
