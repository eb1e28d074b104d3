import { statSync } from 'node:fs';
import { StartError } from '../start-error.ts';

/**
 * Takes into the environment what the file `.env` in the working folder sets, as far as the environment does not set it
 * itself. No such file is fine; so is a folder of that name, which Python users have.
 * @throws StartError when it is there and cannot be read
 */
export function loadEnvFile(): void {
  try {
    if (statSync('.env', { throwIfNoEntry: false })?.isFile()) process.loadEnvFile('.env');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new StartError(
      `The file .env in the working folder cannot be read (${code ?? message}): mend it, or remove it and set the environment itself.`,
      { cause },
    );
  }
}
