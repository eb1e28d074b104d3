import { textOf } from '../../text/text-of.ts';
import { visibleLine } from '../../text/visible.ts';
import { logGate } from '../gate/log-gate.ts';
import { StartError } from '../start-error.ts';

/** Ends the process with exit code 1 and one line on stderr. Of a bug, the line has the stack. @param name of the plugin */
export function endWith(error: unknown, name: string): void {
  const text =
    error instanceof StartError ? visibleLine(error.message) : `failed to start: ${stackInOneLine(error)}`;
  process.stderr.write(`${name} plugin: ${text}\n`, () => process.exit(1));
}

/** An error with its stack. */
export function stackInOneLine(error: unknown): string {
  const text = error instanceof Error ? (error.stack ?? error.message) : textOf(error);
  const lines = text.split('\n').map(line => line.trim());
  return logGate.pass(lines.filter(line => line !== '').join(' | '));
}
