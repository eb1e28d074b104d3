import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** Prints a demo: in colour on a terminal, plain text when piped (`NO_COLOR` and `FORCE_COLOR` are honoured). */
export class Terminal {
  readonly #out: NodeJS.WriteStream;
  #midLine = false;

  constructor(out: NodeJS.WriteStream = process.stdout) {
    this.#out = out;
  }

  /** A heading that begins a step. */
  step(title: string): void {
    this.#out.write(`\n${this.#style(['bold', 'cyan'], `▸ ${title}`)}\n`);
  }

  /** One fact of a step. */
  fact(name: string, value: string): void {
    this.#out.write(`  ${this.#style('dim', name.padEnd(12))} ${value}\n`);
  }

  /** Text as it streams in. */
  stream(text: string): void {
    if (text === '') return;
    if (!this.#midLine) this.#out.write('  ');
    this.#out.write(text.replaceAll('\n', '\n  '));
    this.#midLine = true;
  }

  /** Ends a streamed text. */
  endStream(): void {
    if (this.#midLine) this.#out.write('\n');
    this.#midLine = false;
  }

  /** A line of text below a step. */
  line(text = ''): void {
    this.#out.write(text === '' ? '\n' : `  ${text}\n`);
  }

  /** A line that crossed the wire. */
  wire(from: 'host' | 'plugin', line: string): void {
    this.endStream();
    const shown = line.length > 400 ? `${line.slice(0, 400)}… (${line.length} characters)` : line;
    const arrow = from === 'host' ? this.#style('yellow', '→ plugin') : this.#style('magenta', '← plugin');
    this.#out.write(`  ${arrow} ${this.#style('dim', shown)}\n`);
  }

  /** What went wrong. */
  failure(message: string): void {
    this.#out.write(`\n${this.#style(['bold', 'red'], '✗')} ${message}\n`);
  }

  success(message: string): void {
    this.#out.write(`\n${this.#style(['bold', 'green'], '✓')} ${message}\n`);
  }

  #style(style: Style, text: string): string {
    return styleText(style, text, { stream: this.#out });
  }
}
