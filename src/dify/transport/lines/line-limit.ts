/** The host's scanner fails on a longer line and kills the plugin. Somewhat less than its limit of 5 MiB. */
const MAX_LINE_BYTES = 5_000_000;
/** What a limit from the environment is lowered by, to stay clear of it. */
const LINE_MARGIN = 4096;
/** With less than this not even the schema of a model fits: such a limit is taken for a mistake. */
const LEAST = 64 * 1024;

/**
 * The longest line that a host takes, in bytes. Remote debugging has no such limit, but what works there shall work
 * when the plugin is installed.
 */
export function maxLineBytes(env: NodeJS.ProcessEnv): number {
  const limit = Number(env['PLUGIN_RUNTIME_MAX_BUFFER_SIZE'] ?? env['PLUGIN_STDIO_MAX_BUFFER_SIZE']);
  return limit >= LEAST ? limit - LINE_MARGIN : MAX_LINE_BYTES;
}
