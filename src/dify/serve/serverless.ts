import { createPlugin } from '../../plugin.ts';
import { version } from '../../version.ts';
import { createLogger, jsonLogDestination } from '../log.ts';
import { maxLineBytes } from '../transport/lines/line-limit.ts';
import { ServerlessTransport } from '../transport/serverless/serverless.ts';
import { serverlessSettings } from '../transport/serverless/serverless-settings.ts';
import { superviseProcess } from './lifecycle.ts';

/**
 * Answers requests over HTTP. Its log is on stdout.
 * @param prefix of the variables that say where to listen
 * @throws StartError when one of them is wrong, or the port cannot be had
 */
export async function serveHttp(prefix: 'SERVERLESS' | 'AWS_LAMBDA'): Promise<void> {
  const { env, stdout } = process;
  const settings = serverlessSettings(env, prefix);
  const log = createLogger(jsonLogDestination(stdout));
  const { dispatcher } = createPlugin(log);
  const transport = new ServerlessTransport({
    maxLineBytes: maxLineBytes(env),
    about: `Xinference for Dify ${version}`,
    open: (id, data, writer) => dispatcher.open(id, data, writer),
    log,
  });
  superviseProcess(dispatcher, transport);
  const port = await transport.listen(settings);
  // Dify's installation check waits for the first three words, which Python's plugins print.
  stdout.write(
    `Serving Flask app, in the words of Dify's check: Node.js ${process.version} listens on port ${port}\n`,
  );
}
