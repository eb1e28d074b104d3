import { parseArgs } from 'node:util';
import type { ModelType } from '../dify/protocol/requests.schemas.ts';
import { checkedTimeout, UsageError } from '../doctor/options.ts';
import { isModelType, MODEL_TYPES } from './own-plugin.ts';

/** What the import was asked. */
export interface ImportOptions {
  /** As typed. */
  readonly server: string;
  /** Undefined: none was given, which is not the same as an empty one. */
  readonly apiKey: string | undefined;
  /** The longest silence of the server, in seconds; undefined: the form's default. */
  readonly timeout: string | undefined;
  /** `false` accepts a self-signed certificate of the server. */
  readonly verifyTls: boolean;
  /** Where Dify's page is, without a trailing slash. */
  readonly dify: string;
  readonly email: string | undefined;
  /** UIDs; undefined: all. */
  readonly only: readonly string[] | undefined;
  /** Undefined: all. */
  readonly types: readonly ModelType[] | undefined;
  /** Put before the UID to make the name in Dify. */
  readonly prefix: string;
  readonly dryRun: boolean;
  readonly yes: boolean;
  readonly update: boolean;
  readonly updateKey: boolean;
  readonly removeMissing: boolean;
  readonly defaults: boolean;
  readonly json: boolean;
}

export const USAGE = `Adds the models of a Xinference server to Dify, all at once, as Dify's own page does it.

  import --server URL --dify URL [options]

  --server URL       the address of Xinference as Dify reaches it, such as http://192.168.1.10:9997
  --api-key KEY      if the server asks for one; XINFERENCE_API_KEY in the environment does the same
  --dify URL         the address of Dify's page, such as https://dify.example
  --email EMAIL      of an owner or administrator of the workspace

  --only UID,...     these models alone
  --type TYPE,...    these types alone: ${MODEL_TYPES.join(', ')}
  --prefix TEXT      put before each model's name in Dify
  --update           write what was given here and differs in models that are there already
  --update-key       write the API key into them too; Dify hides it, so it cannot be compared
  --remove-missing   take models of this server out of Dify that it does not run any more
  --defaults         make the first model of each type the workspace's default
  --timeout SECONDS  the longest silence of the server to put up with, here and in the form
  --insecure         accept a self-signed certificate of the server, here and in the form

  --dry-run          show what would happen, and change nothing
  --yes              do not ask
  --json             print a report as JSON, and do not ask
  --help             print this

The password is asked for in a terminal; else it comes from DIFY_PASSWORD, or is the first line of standard input.
DIFY_CONSOLE_TOKEN takes the place of email and password: the token of a login, where it is a cookie both
"access_token=...; csrf_token=...", or Dify's ADMIN_API_KEY together with DIFY_WORKSPACE_ID.

Exit codes: 0 all is well; 1 the server cannot be used; 2 the command line is wrong, or nobody could be asked;
3 a model could not be added, is not ready, or none runs; 4 Dify cannot be used: not reached, wrong password,
no right to add models, or the plugin is not installed.
`;

/**
 * Reads the command line.
 * @returns undefined when only help is wanted
 * @throws UsageError
 */
export function parseOptions(argv: readonly string[], env: NodeJS.ProcessEnv): ImportOptions | undefined {
  const values = parse(argv);
  if (values.help) return undefined;
  if (values.server === undefined) throw new UsageError('--server URL is missing.');
  if (values.dify === undefined) throw new UsageError('--dify URL is missing.');
  const apiKey = values['api-key'] ?? (env['XINFERENCE_API_KEY'] || undefined);
  if (values['update-key'] && apiKey === undefined) {
    throw new UsageError('--update-key needs the key: --api-key KEY.');
  }
  return {
    server: values.server,
    apiKey,
    timeout: values.timeout === undefined ? undefined : checkedTimeout(values.timeout),
    verifyTls: !values.insecure,
    dify: difyUrl(values.dify),
    email: values.email,
    only: listOf('--only', values.only),
    types: listOf('--type', values.type)?.map(modelType),
    prefix: values.prefix,
    dryRun: values['dry-run'],
    yes: values.yes,
    update: values.update,
    updateKey: values['update-key'],
    removeMissing: values['remove-missing'],
    defaults: values.defaults,
    json: values.json,
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        server: { type: 'string' },
        'api-key': { type: 'string' },
        timeout: { type: 'string' },
        insecure: { type: 'boolean', default: false },
        dify: { type: 'string' },
        email: { type: 'string' },
        only: { type: 'string', multiple: true },
        type: { type: 'string', multiple: true },
        prefix: { type: 'string', default: '' },
        'dry-run': { type: 'boolean', default: false },
        yes: { type: 'boolean', default: false },
        update: { type: 'boolean', default: false },
        'update-key': { type: 'boolean', default: false },
        'remove-missing': { type: 'boolean', default: false },
        defaults: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError(reasonOf(error));
  }
}

/** Why the command line cannot be read, without a word of it that could be a password. */
function reasonOf(error: unknown): string {
  const { code, message } = error as { code?: unknown; message: string };
  if (code === 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL')
    return 'A word stands there without an option in front.';
  return /^Unknown option '--?pass/.test(message)
    ? 'A password is not taken from the command line, where others can read it: set DIFY_PASSWORD, or type it when asked.'
    : message;
}

function listOf(option: string, values: readonly string[] | undefined): readonly string[] | undefined {
  const list = values?.flatMap(value => value.split(',')).flatMap(value => value.trim() || []);
  // A variable of a script that is empty by mistake must not stand for all.
  if (list?.length === 0) throw new UsageError(`${option} names nothing.`);
  return list;
}

function modelType(name: string): ModelType {
  if (isModelType(name)) return name;
  throw new UsageError(`--type takes ${MODEL_TYPES.join(', ')}; ${JSON.stringify(name)} is none of them.`);
}

/** Where pages of Dify begin, one of which may have been copied from a browser, and its APIs. */
const PAGES: ReadonlySet<string> = new Set([
  'account',
  'app',
  'apps',
  'console',
  'datasets',
  'explore',
  'install',
  'plugins',
  'signin',
  'tools',
  'v1',
]);

function difyUrl(typed: string): string {
  const text = typed.trim();
  const url = /^https?:\/\//i.test(text) && URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) {
    throw new UsageError('--dify takes the address of Dify with http:// or https:// in front.');
  }
  if (url.username !== '' || url.password !== '') {
    throw new UsageError('--dify takes no user and password in the address.');
  }
  const path = url.pathname.split('/').filter(part => part !== '');
  const page = path.findIndex(part => PAGES.has(part));
  return [url.origin, ...(page === -1 ? path : path.slice(0, page))].join('/');
}
