import { parseArgs } from 'node:util';

/** What the doctor was asked. */
export interface DoctorOptions {
  /** As typed. */
  readonly server: string;
  /** The second server of a form, as typed; undefined: there is none. */
  readonly fallback: string | undefined;
  readonly apiKey: string;
  /** The only model to look at; undefined: all. */
  readonly model: string | undefined;
  /** Whether to make one small call of each model. */
  readonly try: boolean;
  readonly json: boolean;
  /** The longest silence of the server, in seconds. */
  readonly timeout: string;
  /** `false` accepts a self-signed certificate. */
  readonly verifyTls: boolean;
}

/** The command line cannot be understood. The message says why. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const USAGE = `What a Xinference server offers, and what to type into Dify to use it.

  doctor --server URL [options]

  --server URL       the address of Xinference, such as http://192.168.1.10:9997
  --fallback URL     a second server to look at too, as the form's "Second server" names one
  --api-key KEY      if the server asks for one; XINFERENCE_API_KEY in the environment does the same
  --model UID        look at this model alone
  --try              make one small call of each model, through the plugin's own code
  --json             print the report as JSON
  --timeout SECONDS  the longest silence of the server to put up with; default 60
  --insecure         accept a self-signed certificate
  --help             print this

Exit codes: 0 all is well; 1 the server cannot be used; 2 the command line is wrong;
3 the server answers, but something needs mending: no model runs, one is not ready, or a call failed.
`;

/**
 * Reads the command line.
 * @returns undefined when only help is wanted
 * @throws UsageError
 */
export function parseOptions(argv: readonly string[], env: NodeJS.ProcessEnv): DoctorOptions | undefined {
  const values = parse(argv);
  if (values.help) return undefined;
  if (values.server === undefined) throw new UsageError('--server URL is missing.');
  return {
    server: values.server,
    fallback: values.fallback,
    apiKey: values['api-key'] ?? env['XINFERENCE_API_KEY'] ?? '',
    model: values.model,
    try: values.try,
    json: values.json,
    timeout: checkedTimeout(values.timeout),
    verifyTls: !values.insecure,
  };
}

/** The value of `--timeout`, as it was typed. @throws UsageError */
export function checkedTimeout(text: string): string {
  const seconds = Number(text);
  if (seconds > 0 && seconds <= 3600) return text;
  throw new UsageError('--timeout takes a number of seconds above 0, up to 3600.');
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        server: { type: 'string' },
        fallback: { type: 'string' },
        'api-key': { type: 'string' },
        model: { type: 'string' },
        try: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        timeout: { type: 'string', default: '60' },
        insecure: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
