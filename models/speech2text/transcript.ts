import { speakerOf, timedLine, timedSegmentsOf } from './timed-segments.ts';

/** A part of a recording, as engines that tell speakers apart give it. */
interface Segment {
  readonly text: string;
  readonly speaker: string;
}

/** Characters: more than ten hours of speech. To compare them takes 100 ms. */
const LONGEST_COMPARED = 1024 * 1024;

/**
 * The text of a transcription. Where an engine tells speakers apart (FunASR with a speaker model), and hears more than
 * one, each turn gets a line that names its speaker. That needs segments which hold all of the text: some engines leave
 * a sentence out of them (X#4291, X#2650).
 * @param body a server's answer in either format
 * @param withTimes whether each segment gets a line with its times, where the answer has them
 * @returns undefined when it is no transcription
 */
export function transcribedText(
  body: Readonly<Record<string, unknown>>,
  withTimes = false,
): string | undefined {
  const { text, segments } = body;
  if (typeof text !== 'string') return undefined;
  const timed = withTimes ? timedSegmentsOf(segments) : [];
  if (timed.length > 0 && holdAll(timed, text)) return timed.map(timedLine).join('\n');
  const spoken = segmentsOf(segments);
  if (new Set(spoken.map(({ speaker }) => speaker)).size < 2) return text;
  return holdAll(spoken, text) ? turns(spoken) : text;
}

/** Whether nothing of a text is missing in its segments; no, where they are too long to tell. */
function holdAll(segments: readonly { readonly text: string }[], text: string): boolean {
  const whole = segments.map(segment => segment.text).join('');
  if (whole.length > LONGEST_COMPARED || text.length > LONGEST_COMPARED) return false;
  return letters(whole) === letters(text);
}

/** Empty unless every segment has a text and a speaker. */
function segmentsOf(value: unknown): Segment[] {
  if (!Array.isArray(value)) return [];
  const segments: Segment[] = [];
  for (const entry of value) {
    if (typeof entry !== 'object' || entry === null) return [];
    const { text, speaker } = entry as Record<string, unknown>;
    if (typeof text !== 'string') return [];
    if (speakerOf(speaker) === '') return [];
    segments.push({ text, speaker: speakerOf(speaker) });
  }
  return segments;
}

/** Engines set blanks and punctuation of the text anew in segments. */
function letters(text: string): string {
  return text.replace(/[^\p{L}\p{N}]+/gu, '');
}

function turns(segments: readonly Segment[]): string {
  const lines: { speaker: string; text: string[] }[] = [];
  for (const { speaker, text } of segments) {
    const last = lines.at(-1);
    if (last?.speaker === speaker) last.text.push(text.trim());
    else lines.push({ speaker, text: [text.trim()] });
  }
  return lines.map(({ speaker, text }) => `${speaker}: ${joined(text)}`).join('\n');
}

const ENDS_CLOSE = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}，。！？；：、]$/u;

/** With blanks between, but not where a language writes none. */
function joined(texts: readonly string[]): string {
  return texts
    .map((text, at) => {
      const before = texts[at - 1] ?? '';
      return before === '' || ENDS_CLOSE.test(before.slice(-2)) ? text : ` ${text}`;
    })
    .join('');
}
