import { StartError } from '../start-error.ts';
import { endWith } from './fatal.ts';

/** The ways to serve a host beside `local`, each loaded when it is asked for. */
const METHODS: Readonly<Record<string, (assetsFolder: string) => Promise<void>>> = {
  remote: async assetsFolder => (await import('./remote.ts')).serveRemote(assetsFolder),
  serverless: async () => (await import('./serverless.ts')).serveHttp('SERVERLESS'),
  aws_lambda: async () => (await import('./serverless.ts')).serveHttp('AWS_LAMBDA'),
};

/** Serves a host the way that `INSTALL_METHOD` names. What it cannot do ends the process with one line and exit code 1. */
export async function runMethod(name: string, assetsFolder: string): Promise<void> {
  try {
    const method = Object.hasOwn(METHODS, name) ? METHODS[name] : undefined;
    if (method === undefined) {
      const valid = ['local', ...Object.keys(METHODS)].join(', ');
      throw new StartError(`INSTALL_METHOD is "${name}", which is none of: ${valid}.`);
    }
    await method(assetsFolder);
  } catch (error) {
    endWith(error);
  }
}
