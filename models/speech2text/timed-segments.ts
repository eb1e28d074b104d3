/** A part of a recording with its place in it, in seconds. */
export interface TimedSegment {
  readonly text: string;
  readonly start: number;
  readonly end: number | undefined;
  /** Empty where none is told. */
  readonly speaker: string;
}

/** Empty unless every segment has a text and a start; Whisper leaves the end of the last one out. */
export function timedSegmentsOf(value: unknown): TimedSegment[] {
  if (!Array.isArray(value)) return [];
  const segments = value.map(entry => {
    const { text, start, end, speaker } = (entry ?? {}) as Record<string, unknown>;
    if (typeof text !== 'string' || !isTime(start)) return undefined;
    return { text: text.trim(), start, end: isTime(end) ? end : undefined, speaker: speakerOf(speaker) };
  });
  const whole = segments.filter(segment => segment !== undefined);
  return whole.length === segments.length ? whole.filter(({ text }) => text !== '') : [];
}

/** As in WebVTT: `[00:00:01.500 --> 00:00:04.000] Speaker 0: text`. */
export function timedLine({ text, start, end, speaker }: TimedSegment): string {
  const times = end === undefined ? clock(start) : `${clock(start)} --> ${clock(end)}`;
  return `[${times}] ${speaker === '' ? '' : `${speaker}: `}${text}`;
}

/** The name of a speaker; engines that number them give a number. */
export function speakerOf(value: unknown): string {
  if (typeof value === 'number') return `Speaker ${value}`;
  return typeof value === 'string' ? value : '';
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

function clock(seconds: number): string {
  const ms = Math.round(seconds * 1000);
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  const part = String(ms % 1000).padStart(3, '0');
  return `${two(ms / 3_600_000)}:${two((ms / 60_000) % 60)}:${two((ms / 1000) % 60)}.${part}`;
}
