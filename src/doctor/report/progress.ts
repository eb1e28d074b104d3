import { visibleLine } from '../../text/visible.ts';

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 80;
const CLEAR_LINE = '\r\u001b[2K';

/** What the doctor is waiting for, in one line that comes and goes. On anything but a terminal it shows nothing. */
export class Progress {
  readonly #out: { write(text: string): unknown; readonly isTTY?: boolean };
  #step = '';
  #frame = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(out: { write(text: string): unknown; readonly isTTY?: boolean }) {
    this.#out = out;
  }

  /** Shows what is being waited for, until the next step or {@link Progress.clear}. */
  readonly show = (step: string): void => {
    if (this.#out.isTTY !== true) return;
    this.#step = visibleLine(step);
    this.#draw();
    this.#timer ??= setInterval(this.#draw, FRAME_MS);
  };

  /** Takes the line away: before anything else is written, and at the end. */
  clear(): void {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#out.write(CLEAR_LINE);
  }

  readonly #draw = (): void => {
    this.#frame = (this.#frame + 1) % FRAMES.length;
    this.#out.write(`${CLEAR_LINE}${FRAMES[this.#frame]} ${this.#step}`);
  };
}
