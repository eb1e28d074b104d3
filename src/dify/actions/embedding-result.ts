import { setImmediate } from 'node:timers/promises';
import type { EmbeddingRow, NumberText } from '../plugin.ts';
import { TooManyRowsError } from '../protocol/errors.ts';
import type { EmbeddingUsage } from '../protocol/results.schemas.ts';

/** All the digits that a float32 has; more of them only tell how its decimal notation goes on. */
const FLOAT32_DIGITS = 9;
/** Nine digits do not make a text shorter than by this factor. */
const MOST_SHORTENED = 4;
/** Characters that are rewritten without a break: a few milliseconds of work. */
const SLICE = 256 * 1024;
/** Rows differ a little in length, so one of them tells the length of all only about so. */
const ROW_MARGIN = 1.02;

const BETWEEN_ROWS = Buffer.from('],[');

/**
 * The result of an embedding, as the bytes of its JSON text. The rows go in with the digits that they came with; when that is longer
 * than a line of the host, with nine significant digits, which are all that a float32 holds.
 * @param name Dify's name of the model
 * @param maxBytes what the host takes
 * @throws TooManyRowsError when it does not fit even so
 */
export async function embeddingResult(
  name: string,
  rows: readonly EmbeddingRow[],
  usage: EmbeddingUsage,
  maxBytes: number,
): Promise<Buffer[]> {
  const [open, close] = rows.length > 0 ? ['[[', ']]'] : ['[', ']'];
  const head = Buffer.from(`{"model":${JSON.stringify(name)},"embeddings":${open}`);
  const tail = Buffer.from(`${close},"usage":${JSON.stringify(usage)}}`);
  const room = maxBytes - head.length - tail.length;
  const texts = rows.map(numberText);
  const pieces = join(texts);
  const length = lengthOf(pieces);
  if (length <= room) return [head, ...pieces, tail];
  if (length <= MOST_SHORTENED * room) {
    const shortened = await shorten(pieces);
    if (shortened.length <= room) return [head, shortened, tail];
  }
  const oneRow = ROW_MARGIN * (await shorten(join(texts.slice(0, 1)))).length + BETWEEN_ROWS.length;
  throw new TooManyRowsError({
    rows: rows.length,
    numbers: texts[0]?.count ?? 0,
    fitting: Math.floor(room / oneRow),
    maxBytes,
  });
}

function numberText(row: EmbeddingRow): NumberText {
  if ('pieces' in row) return row;
  return { pieces: [Buffer.from(JSON.stringify(row).slice(1, -1))], count: row.length };
}

function join(rows: readonly NumberText[]): Buffer[] {
  return rows.flatMap((row, index) => (index === 0 ? row.pieces : [BETWEEN_ROWS, ...row.pieces]));
}

function lengthOf(pieces: readonly Buffer[]): number {
  return pieces.reduce((sum, piece) => sum + piece.length, 0);
}

async function shorten(pieces: readonly Buffer[]): Promise<Buffer> {
  const text = Buffer.concat(pieces).toString('latin1'); // they are numbers
  const shortened: string[] = [];
  for (let from = 0; from < text.length; ) {
    const comma = text.indexOf(',', from + SLICE);
    const to = comma < 0 ? text.length : comma;
    shortened.push(text.slice(from, to).replace(/[^,[\]]+/g, shortenNumber));
    from = to;
    await setImmediate();
  }
  return Buffer.from(shortened.join(''), 'latin1');
}

function shortenNumber(digits: string): string {
  const short = Number(digits).toPrecision(FLOAT32_DIGITS);
  return short.length < digits.length ? short : digits;
}
