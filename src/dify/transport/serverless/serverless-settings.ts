import { portOf } from '../port.ts';

/** Where to listen. */
export interface ServerlessSettings {
  readonly host: string;
  /** 0 stands for any free one. */
  readonly port: number;
}

/**
 * Reads `SERVERLESS_HOST` and `SERVERLESS_PORT`; with the prefix `AWS_LAMBDA`, the older name of the mode, its own.
 * @throws StartError that names the variable to correct
 */
export function serverlessSettings(
  env: NodeJS.ProcessEnv,
  prefix: 'SERVERLESS' | 'AWS_LAMBDA',
): ServerlessSettings {
  return {
    host: env[`${prefix}_HOST`]?.trim() || '0.0.0.0',
    port: portOf(env, `${prefix}_PORT`, 8080, 0),
  };
}
