import { textOf } from '../../text/text-of.ts';
import { visibleLine } from '../../text/visible.ts';
import { errorInOneLine } from '../gate/error-facts.ts';
import { logGate } from '../gate/log-gate.ts';
import { StartError } from '../start-error.ts';

/**
 * Ends a process that could not start with exit code 1 and one line on stderr. Of a bug, the line has the stack.
 * @param name of the plugin
 */
export function endWith(error: unknown, name: string): void {
  const text =
    error instanceof StartError ? visibleLine(error.message) : `failed to start: ${stackInOneLine(error)}`;
  end(text, name);
}

/** Ends a process that was at work on a bug: its error can have words, keys and prompts of others in it. */
export function endOnBug(error: unknown, name: string): void {
  end(crashText(error), name);
}

/** What is told of a bug, without its words. */
export function crashText(error: unknown): string {
  return logGate.pass(`uncaught ${errorInOneLine(error)}`);
}

function end(text: string, name: string): void {
  process.stderr.write(`${name} plugin: ${text}\n`, () => process.exit(1));
}

/** An error with its stack and its own words, of a process that has heard of nobody yet. */
export function stackInOneLine(error: unknown): string {
  const text = error instanceof Error ? (error.stack ?? error.message) : textOf(error);
  const lines = text.split('\n').map(line => line.trim());
  return logGate.pass(lines.filter(line => line !== '').join(' | '));
}
