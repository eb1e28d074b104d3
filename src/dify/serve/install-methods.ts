import { join } from 'node:path';
import type { Logger } from 'pino';
import { declarationOf } from '../declaration/declaration.ts';
import { createLogger, jsonLogDestination, textLogDestination } from '../log.ts';
import type { PluginModule } from '../plugin.ts';
import { StartError } from '../start-error.ts';
import { maxLineBytes } from '../transport/lines/line-limit.ts';
import { RemoteTransport } from '../transport/remote/remote.ts';
import { declarationLines, readAssets } from '../transport/remote/remote-declaration.ts';
import { remoteSettings } from '../transport/remote/remote-settings.ts';
import { ServerlessTransport } from '../transport/serverless/serverless.ts';
import { serverlessSettings } from '../transport/serverless/serverless-settings.ts';
import type { Transport } from '../transport/transport.ts';
import type { About } from './about.ts';
import { endWith } from './end-process.ts';
import { serve } from './serve.ts';

/** How a plugin is reached, and where it logs. */
interface Connected {
  readonly transport: Transport;
  readonly log: Logger;
}

/** The ways to be installed beside `local`. Each reads its settings. @throws StartError when one is missing or wrong */
const METHODS: Readonly<Record<string, (about: About) => Connected | Promise<Connected>>> = {
  remote,
  serverless: about => serverless(about, 'SERVERLESS'),
  aws_lambda: about => serverless(about, 'AWS_LAMBDA'),
};

/** Serves a host the way that `INSTALL_METHOD` names. What cannot be done ends the process with one line and exit code 1. */
export async function serveBy(name: string, load: () => Promise<PluginModule>, about: About): Promise<void> {
  try {
    const method = Object.hasOwn(METHODS, name) ? METHODS[name] : undefined;
    if (method === undefined) {
      const valid = ['local', ...Object.keys(METHODS)].join(', ');
      throw new StartError(`INSTALL_METHOD is "${name}", which is none of: ${valid}.`);
    }
    const { transport, log } = await method(about);
    await serve(transport, await load(), log, about);
  } catch (error) {
    endWith(error, about.name);
  }
}

/** The requests of a Dify host over remote debugging. The log is on stdout. */
async function remote({ folder }: About): Promise<Connected> {
  const { env, stdout } = process;
  const settings = remoteSettings(env);
  const assets = await readAssets(join(folder, '_assets'));
  const log = createLogger(stdout.isTTY ? textLogDestination(stdout) : jsonLogDestination(stdout));
  const declaration = () => declarationLines(declarationOf(folder), assets);
  const transport = new RemoteTransport({ ...settings, declaration, maxLineBytes: maxLineBytes(env), log });
  return { transport, log };
}

/** Requests over HTTP. The log is on stdout. @param prefix of the variables that say where to listen */
function serverless({ title, folder }: About, prefix: 'SERVERLESS' | 'AWS_LAMBDA'): Connected {
  const { env, stdout } = process;
  const log = createLogger(jsonLogDestination(stdout));
  const transport = new ServerlessTransport({
    ...serverlessSettings(env, prefix),
    maxLineBytes: maxLineBytes(env),
    about: `${title} ${declarationOf(folder).manifest.version}`,
    log,
    onListening: port => {
      // Dify's installation check waits for the first three words, which Python's plugins print.
      stdout.write(
        `Serving Flask app, in the words of Dify's check: Node.js ${process.version} listens on port ${port}\n`,
      );
    },
  });
  return { transport, log };
}
