import { statSync } from 'node:fs';

/**
 * Takes into the environment what the file `.env` in the working folder sets, as far as the environment does not set it
 * itself. No such file is fine; so is a folder of that name, which Python users have.
 */
export function loadEnvFile(): void {
  if (statSync('.env', { throwIfNoEntry: false })?.isFile()) process.loadEnvFile('.env');
}
