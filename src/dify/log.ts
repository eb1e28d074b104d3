import type { Writable } from 'node:stream';
import { type DestinationStream, type Logger, pino } from 'pino';
import { textOf } from '../text/text-of.ts';
import { visible, visibleLine } from '../text/visible.ts';
import { errorFacts } from './gate/error-facts.ts';
import { logGate } from './gate/log-gate.ts';
import { charactersFitting, type LineWriter } from './transport/lines/line-writer.ts';

const LEVELS = new Set(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']);
const DEFAULT_LEVEL = 'info';
/** A name or an error of a user may be of any length, and a line of the host may not. */
const LONGEST_MESSAGE = 8_000;
/** Lines that wait for a reader, at most. */
const MOST_WAITING = 500;

/** A logger whose lines go to `destination`. @param level of `LOG_LEVEL`; an unknown one counts as `info` */
export function createLogger(destination: DestinationStream, level = process.env['LOG_LEVEL']): Logger {
  const wanted = level?.toLowerCase() ?? DEFAULT_LEVEL;
  return pino(
    {
      base: null,
      level: LEVELS.has(wanted) ? wanted : DEFAULT_LEVEL,
      serializers: { err: (error: unknown) => errorFacts(error) },
    },
    destination,
  );
}

/** Sends log lines to the host as `log` events: in local mode nothing else may stand on stdout. */
export function hostLogDestination(writer: LineWriter): DestinationStream {
  return bounded(line => {
    const { level, message, time } = readLogLine(line);
    const fitting = message.slice(0, charactersFitting(writer.maxLineBytes));
    const data = { level, message: fitting, timestamp: time / 1000 };
    return writer.write(JSON.stringify({ event: 'log', session_id: null, data }));
  });
}

/** Writes log lines as they are, one JSON object each: what collects logs, or makes them pretty, wants that. */
export function jsonLogDestination(out: Writable): DestinationStream {
  const write = writerTo(out);
  return bounded(line => write(`${visible(JSON.stringify(logGate.passAll(JSON.parse(line))))}\n`));
}

/** Writes log lines for a person: `12:30:59 WARN what happened {"facts":1}`. */
export function textLogDestination(out: Writable): DestinationStream {
  const write = writerTo(out);
  return bounded(line => {
    const { level, message, time } = readLogLine(line);
    return write(`${new Date(time).toTimeString().slice(0, 8)} ${level} ${message}\n`);
  });
}

/**
 * Never waits for a reader itself, as pino does when it is given a process's stdout. Where nothing can be written any more
 * (a full disk, a reader that is gone), the lines are lost: a log is no reason to die.
 */
function writerTo(out: Writable): (text: string) => Promise<void> | undefined {
  let drained: Promise<void> | undefined;
  out.on('error', () => {});
  return text => {
    if (!out.writable || out.write(text)) return undefined;
    drained ??= new Promise(resolve => {
      out.once('drain', () => {
        drained = undefined;
        resolve();
      });
    });
    return drained;
  };
}

/**
 * Hands lines on, but for those that come while {@link MOST_WAITING} wait for a reader: a storm of them must not fill the
 * memory. How many were left out is said when it reads again.
 * @param write gives a promise to wait for while its reader does not keep up
 */
function bounded(write: (line: string) => Promise<void> | undefined): DestinationStream {
  let waiting = 0;
  let leftOut = 0;
  const onRead = () => {
    waiting = 0;
    if (leftOut === 0) return;
    const msg = `${leftOut} log lines were left out, because nobody read them.`;
    leftOut = 0;
    take(`${JSON.stringify({ level: pino.levels.values['warn'], time: Date.now(), msg })}\n`);
  };
  const take = (line: string) => {
    if (waiting >= MOST_WAITING) {
      leftOut++;
      return;
    }
    const backlog = write(line);
    if (backlog === undefined) return;
    if (waiting === 0) void backlog.then(onRead);
    waiting++;
  };
  return { write: take };
}

function readLogLine(line: string): { level: string; message: string; time: number } {
  const { level, time, msg, ...rest } = logGate.passAll(JSON.parse(line)) as Record<string, unknown>;
  const facts = Object.keys(rest).length === 0 ? '' : ` ${JSON.stringify(rest)}`;
  return {
    level: (pino.levels.labels[Number(level)] ?? DEFAULT_LEVEL).toUpperCase(),
    message: `${visibleLine(textOf(msg ?? ''))}${facts}`.slice(0, LONGEST_MESSAGE),
    time: Number(time),
  };
}
