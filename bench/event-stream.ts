/**
 * The event decoder by itself: 100,000 events of about 200 bytes in reads of 64 KiB. Beside it a bare loop that does
 * nothing but the slicing, which no decoder can go below.
 */
import { EventDecoder } from '../src/http/response/event-decoder.ts';

const EVENTS = 100_000;
const READ = 64 * 1024;
const ROUNDS = 15;

interface Input {
  readonly name: string;
  readonly reads: readonly Buffer[];
}

const answer = (text: string) =>
  JSON.stringify({
    id: 'chat-0123456789abcdef',
    model: 'chat',
    created: 1_700_000_000,
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta: { content: text }, logprobs: null, finish_reason: null }],
  });

function input(name: string, event: (at: number) => string): Input {
  const bytes = Buffer.from(Array.from({ length: EVENTS }, (_, at) => event(at)).join(''));
  const reads: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += READ) reads.push(bytes.subarray(at, at + READ));
  return { name, reads };
}

const inputs = [
  input('CRLF, ASCII', at => `data: ${answer(`word ${at} `)}\r\n\r\n`),
  input('LF, ASCII', at => `data: ${answer(`word ${at} `)}\n\n`),
  input('CRLF, Chinese', at => `data: ${answer(`第${at}个字`)}\r\n\r\n`),
];

function decode({ reads }: Input): number {
  const decoder = new EventDecoder({ payload: () => undefined, flush: () => undefined });
  for (const read of reads) decoder.push(read);
  decoder.end();
  return decoder.count;
}

/** Decodes each read and slices it at blank lines, whether or not an event is cut by the end of a read. */
function sliceOnly({ reads }: Input): number {
  let events = 0;
  for (const read of reads) {
    const text = read.toString('utf8');
    const found: string[] = [];
    for (let start = 0; ; ) {
      const end = text.indexOf('\n', start);
      if (end < 0) break;
      if (end - start > 2) found.push(text.slice(start + 6, end));
      start = end + 1;
    }
    events += found.length;
  }
  return events;
}

/** Median µs of CPU for an event. */
function measure(run: (input: Input) => number, input: Input): number {
  const times = Array.from({ length: ROUNDS }, () => {
    const before = process.cpuUsage();
    const events = run(input);
    const { user, system } = process.cpuUsage(before);
    if (Math.abs(events - EVENTS) > EVENTS / 100) throw new Error(`${events} events of ${EVENTS}`);
    return (user + system) / EVENTS;
  }).sort((a, b) => a - b);
  return times[Math.floor(ROUNDS / 2)] ?? Number.NaN;
}

for (const each of inputs) {
  const decoder = measure(decode, each);
  const slicing = measure(sliceOnly, each);
  console.log(
    `${each.name}: ${decoder.toFixed(3)} µs an event, slicing alone ${slicing.toFixed(3)}, over it ${(decoder - slicing).toFixed(3)}`,
  );
}
