import { createInterface, type Interface } from 'node:readline';
import { Writable } from 'node:stream';

/** The user left a question by Ctrl+C or Ctrl+D. */
export class CancelledError extends Error {
  override readonly name = 'CancelledError';

  constructor() {
    super('Nothing was changed.');
  }
}

type Input = NodeJS.ReadableStream & { readonly isTTY?: boolean };

/** Asks questions in a terminal, one after the other. What is typed between two of them answers the next. */
export class Prompt {
  readonly #input: Input;
  readonly #output: NodeJS.WritableStream;
  readonly #lines: string[] = [];
  #reader: Interface | undefined;
  #waiting: { resolve: (line: string) => void; reject: (error: Error) => void } | undefined;
  #isHidden = false;
  #isCancelled = false;

  constructor(input: Input, output: NodeJS.WritableStream) {
    this.#input = input;
    this.#output = output;
  }

  /**
   * @param hidden whether what is typed is shown to nobody
   * @throws CancelledError
   */
  async ask(question: string, { hidden = false } = {}): Promise<string> {
    if (this.#isCancelled) throw new CancelledError();
    const reader = this.#open();
    this.#isHidden = false;
    reader.setPrompt(question);
    reader.prompt();
    this.#isHidden = hidden;
    try {
      return this.#lines.shift() ?? (await this.#line());
    } finally {
      this.#isHidden = true;
      if (hidden) this.#output.write('\n');
    }
  }

  close(): void {
    this.#reader?.close();
    this.#reader = undefined;
  }

  #line(): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }

  #open(): Interface {
    if (this.#reader !== undefined) return this.#reader;
    const output = new Writable({
      write: (text, _encoding, done) => {
        if (!this.#isHidden) this.#output.write(text);
        done();
      },
    });
    const reader = createInterface({ input: this.#input, output, terminal: true, historySize: 0 });
    reader.on('line', line => {
      this.#isHidden = true; // what is typed ahead may be a password
      if (this.#waiting === undefined) this.#lines.push(line);
      else this.#waiting.resolve(line);
      this.#waiting = undefined;
    });
    // While the terminal is read key by key, Ctrl+C is a key like any other.
    reader.on('SIGINT', () => {
      const isIdle = this.#waiting === undefined;
      reader.close();
      if (isIdle) process.kill(process.pid, 'SIGINT');
    });
    reader.on('close', () => {
      this.#isCancelled = true;
      this.#waiting?.reject(new CancelledError());
    });
    this.#reader = reader;
    return reader;
  }
}
