import type { Answer, BenchHost } from '../host.ts';
import { cpuSeconds } from '../usage.ts';
import { verifyChat } from '../verify.ts';

/** What chat models are asked. */
export const PROMPT = {
  prompt_messages: [
    { role: 'system', content: 'You are a helpful assistant.' },
    { role: 'user', content: 'How do the three parts fit together?' },
  ],
  model_parameters: { temperature: 0.7 },
  stream: true,
};

/** Asks a chat model for a stream. */
export const invokeChat = (host: BenchHost, uid: string) => host.invoke('invoke_llm', uid, PROMPT);

/** Asks one after the other. */
export async function repeat(times: number, ask: () => Promise<Answer>): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let i = 0; i < times; i++) answers.push(await ask());
  return answers;
}

/** @throws Error unless all answers since the last look are whole */
export function verifyChats(host: BenchHost, uidOf: (answer: string) => string): void {
  for (const [id, results] of host.takeResults()) verifyChat(uidOf(id), results);
}

/** Asks as often as it takes until code is compiled and connections are there. */
export async function warmUp(host: BenchHost, uid: string, times: number): Promise<void> {
  await repeat(times, () => invokeChat(host, uid));
  verifyChats(host, () => uid);
}

/** Milliseconds from request to end. */
export const took = ({ startedAt, endedAt }: Answer) => endedAt - startedAt;

/** Of sorted or unsorted figures; 0.5 is the median. */
export function percentile(figures: readonly number[], share: number): number {
  const sorted = figures.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

/** Seconds of wall clock and CPU that some work takes a process. */
export async function timed(
  host: BenchHost,
  work: () => Promise<unknown>,
): Promise<{ wall: number; cpu: number }> {
  const [cpu, wall] = [cpuSeconds(host.pid), performance.now()];
  await work();
  return { wall: (performance.now() - wall) / 1000, cpu: cpuSeconds(host.pid) - cpu };
}
