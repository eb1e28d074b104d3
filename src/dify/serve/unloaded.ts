import { setTimeout as sleep } from 'node:timers/promises';
import { InternalError } from '../protocol/errors.ts';
import { Session } from '../session.ts';
import type { StdioTransport } from '../transport/stdio.ts';
import { stackInOneLine } from './end-process.ts';

/** How long to wait for requests that are on their way already, in ms. */
const LAST_CALL_MS = 500;

/**
 * The heartbeat has told the host that the plugin is ready, but its code could not be loaded: says so on stderr, answers
 * what the host sent meanwhile, whose callers would hang otherwise, and ends the process with exit code 1.
 */
export async function endUnloaded(error: unknown, transport: StdioTransport, name: string): Promise<void> {
  process.stderr.write(
    `${name} plugin: its code cannot be loaded; reinstall the plugin. ${stackInOneLine(error)}\n`,
  );
  const reason = new InternalError(
    'The plugin could not load its code. Reinstall it; its log has the reason.',
  );
  transport.start({
    receive: (line, writer) => {
      const id = requestedSession(line);
      if (id !== undefined) new Session(id, writer).fail(reason);
    },
    receiveOversized: () => undefined,
  });
  await sleep(LAST_CALL_MS);
  await transport.flush();
  process.exit(1);
}

/** The session that a line asks to open. */
function requestedSession(line: Buffer): string | undefined {
  try {
    const { event, session_id } = JSON.parse(line.toString('utf8'));
    return event === 'request' && typeof session_id === 'string' ? session_id : undefined;
  } catch {
    return undefined; // no JSON, or null
  }
}
