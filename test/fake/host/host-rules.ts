import type { SessionMessage } from './host-session.ts';

/** The `args` of an error hold at most this many keys. */
const maxArgs = 10;

type Fields = Readonly<Record<string, unknown>>;

/** A line of the plugin that breaks no rule by itself. */
export type PluginMessage =
  | { readonly event?: undefined }
  | { readonly event: 'heartbeat'; readonly data: Fields }
  | { readonly event: 'log'; readonly data: Fields }
  | { readonly event: 'session'; readonly session_id: string; readonly data: SessionMessage };

/**
 * The rule that a message of the plugin breaks by itself, apart from what came before in its session; `undefined` if
 * none. A JSON object without an event, such as the manifest that other plugins print, is borne only before the
 * first heartbeat (`ready`).
 */
export function brokenRule(message: unknown, ready: boolean): string | undefined {
  if (!isObject(message)) return 'a line that is no JSON object';
  const { event, session_id, data } = message as { event?: unknown; session_id?: unknown; data?: unknown };
  if (event === undefined && !ready) return undefined;
  if (!isObject(data)) return 'a message without data';
  switch (event) {
    case 'heartbeat':
      return session_id == null ? undefined : 'a heartbeat with a session';
    case 'log':
      return brokenLog(data);
    case 'session':
      return typeof session_id === 'string' && session_id !== ''
        ? brokenAnswer(data)
        : 'a session message without a session';
    default:
      return `an event that no host knows (${String(event)})`;
  }
}

function brokenLog({ level, message, timestamp }: Fields): string | undefined {
  const good = typeof level === 'string' && typeof message === 'string' && typeof timestamp === 'number';
  return good ? undefined : 'a log without level, message and timestamp';
}

function brokenAnswer({ type, data }: Fields): string | undefined {
  if (!isObject(data)) return `a ${String(type)} message without data`;
  if (type === 'stream' || type === 'end') return undefined;
  if (type !== 'error') return `a session message of unknown type ${String(type)}`;
  const { error_type, message, args } = data;
  if (typeof error_type !== 'string' || error_type === '') return 'an error without error_type';
  if (typeof message !== 'string' || message === '') return 'an error without a message';
  if (!isObject(args)) return 'an error without args';
  return Object.keys(args).length <= maxArgs ? undefined : `an error with more than ${maxArgs} args`;
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
