import { endWith } from './dify/serve/fatal.ts';
import { StartError } from './dify/start-error.ts';
import { version } from './version.ts';

const HELP = `Xinference for Dify ${version}

  python -m main              serve a Dify host, the way that INSTALL_METHOD says
  python -m main --help       print this
  python -m main --version    print the version
  python -m main doctor       what a Xinference server offers, and what to type into Dify;
                              doctor --help tells how
  python -m main import       adds all models of a Xinference server to Dify;
                              import --help tells how

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

/** What can be asked for on the command line. Each gets the words that follow its name. */
const COMMANDS: Readonly<Record<string, (words: readonly string[]) => void | Promise<void>>> = {
  '--help': () => void process.stdout.write(HELP),
  '-h': () => void process.stdout.write(HELP),
  '--version': () => void process.stdout.write(`${version}\n`),
  doctor: async words => {
    const { doctor } = await import('./doctor/doctor.ts');
    // A reader that has seen enough, as `head` has, is no failure.
    process.stdout.on('error', () => process.exit(0));
    process.exitCode = await doctor(words);
  },
  import: async words => {
    const { importModels } = await import('./import/import.ts');
    process.exitCode = await importModels(words);
  },
};

/** Runs the command that the first of the words names. An unknown one ends the process with exit code 1. */
export async function runCommand([name = '', ...words]: readonly string[]): Promise<void> {
  try {
    const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (command === undefined) {
      const known = Object.keys(COMMANDS).join(', ');
      throw new StartError(`There is no command "${name}". There are: ${known}.`);
    }
    await command(words);
  } catch (error) {
    endWith(error);
  }
}
