import { type DestinationStream, type Logger, pino } from 'pino';
import type { LineWriter } from './transport/line-writer.ts';

const LEVELS = new Set(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']);
const DEFAULT_LEVEL = 'info';

/** A logger whose lines go to `destination`. @param level of `LOG_LEVEL`; an unknown one counts as `info` */
export function createLogger(destination: DestinationStream, level = process.env['LOG_LEVEL']): Logger {
  const wanted = level?.toLowerCase() ?? DEFAULT_LEVEL;
  return pino(
    {
      base: null,
      level: LEVELS.has(wanted) ? wanted : DEFAULT_LEVEL,
      serializers: { err: pino.stdSerializers.err },
    },
    destination,
  );
}

/** Sends log lines to the host as `log` events: in local mode nothing else may stand on stdout. */
export function hostLogDestination(writer: LineWriter): DestinationStream {
  return {
    write(line) {
      const { level, time, msg, ...rest } = JSON.parse(line) as Record<string, unknown>;
      const facts = Object.keys(rest).length === 0 ? '' : ` ${JSON.stringify(rest)}`;
      const data = {
        level: (pino.levels.labels[Number(level)] ?? DEFAULT_LEVEL).toUpperCase(),
        message: `${String(msg ?? '')}${facts}`,
        timestamp: Number(time) / 1000,
      };
      void writer.write(JSON.stringify({ event: 'log', session_id: null, data }));
    },
  };
}
