import { declarationOf } from '../declaration/declaration.ts';
import { StartError } from '../start-error.ts';
import type { About, Commands } from './about.ts';
import { endOnBug, endWith } from './end-process.ts';

/** Runs the command that the first of the words names. An unknown one ends the process with exit code 1. */
export async function runCommand([name = '', ...words]: readonly string[], about: About): Promise<void> {
  const onBug = (error: unknown) => endOnBug(error, about.name);
  process.on('uncaughtException', onBug);
  try {
    const commands = (await about.commands?.())?.commands ?? {};
    // A reader that has seen enough, as `head` has, is no failure.
    process.stdout.on('error', () => process.exit(0));
    if (name === '--help' || name === '-h') return void process.stdout.write(helpOf(about, commands));
    if (name === '--version') return void process.stdout.write(`${versionOf(about)}\n`);
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (command === undefined) {
      const known = ['--help', '-h', '--version', ...Object.keys(commands)].join(', ');
      throw new StartError(`There is no command "${name}". There are: ${known}.`);
    }
    process.exitCode = await command.run(words);
  } catch (error) {
    if (error instanceof StartError) endWith(error, about.name);
    else onBug(error);
  }
}

function versionOf({ folder }: About): string {
  return declarationOf(folder).manifest.version;
}

function helpOf(about: About, commands: Commands): string {
  const lines = Object.entries(commands).flatMap(([name, { help }]) =>
    help.map((line, index) => `  ${(index === 0 ? `python -m main ${name}` : '').padEnd(28)}${line}\n`),
  );
  return `${about.title} ${versionOf(about)}

  python -m main              serve a Dify host, the way that INSTALL_METHOD says
  python -m main --help       print this
  python -m main --version    print the version
${lines.join('')}
INSTALL_METHOD
  local        over stdin and stdout; the default
  remote       over TCP, to debug against a running Dify
                 REMOTE_INSTALL_URL    host:port, default localhost:5003
                                       (or REMOTE_INSTALL_HOST and REMOTE_INSTALL_PORT)
                 REMOTE_INSTALL_KEY    Dify shows it under Plugins → Debug
  serverless   over HTTP: POST /invoke, GET /health
                 SERVERLESS_HOST       default 0.0.0.0
                 SERVERLESS_PORT       default 8080
  aws_lambda   the same, with AWS_LAMBDA_HOST and AWS_LAMBDA_PORT

LOG_LEVEL is one of error, warn, info, debug; the default is info. A file .env in the working folder
may set these variables; the environment itself comes first.
`;
}
