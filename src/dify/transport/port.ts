import { StartError } from '../start-error.ts';

/**
 * A port number out of the environment.
 * @param name of the variable
 * @param least 0 where that stands for any free port
 * @throws StartError that names the variable, when it is set to something else
 */
export function portOf(env: NodeJS.ProcessEnv, name: string, fallback: number, least: 0 | 1 = 1): number {
  const text = env[name]?.trim() || String(fallback);
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= least && port < 65_536) return port;
  throw new StartError(`${name} is "${text}", which is no port: give a number from ${least} to 65535.`);
}
