import type { Writable } from 'node:stream';
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
      const { level, message, time } = readLogLine(line);
      const data = { level, message, timestamp: time / 1000 };
      void writer.write(JSON.stringify({ event: 'log', session_id: null, data }));
    },
  };
}

/** Writes log lines as they are, one JSON object each: what collects logs, or makes them pretty, wants that. */
export function jsonLogDestination(out: Writable): DestinationStream {
  // Never waiting for a reader, as pino does when it is given a process's stdout itself.
  return { write: line => void out.write(line) };
}

/** Writes log lines for a person: `12:30:59 WARN what happened {"facts":1}`. */
export function textLogDestination(out: Writable): DestinationStream {
  return {
    write(line) {
      const { level, message, time } = readLogLine(line);
      out.write(`${new Date(time).toTimeString().slice(0, 8)} ${level} ${message}\n`);
    },
  };
}

function readLogLine(line: string): { level: string; message: string; time: number } {
  const { level, time, msg, ...rest } = JSON.parse(line) as Record<string, unknown>;
  const facts = Object.keys(rest).length === 0 ? '' : ` ${JSON.stringify(rest)}`;
  return {
    level: (pino.levels.labels[Number(level)] ?? DEFAULT_LEVEL).toUpperCase(),
    message: `${String(msg ?? '')}${facts}`,
    time: Number(time),
  };
}
