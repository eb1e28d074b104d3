import { percentile, repeat, took } from './asking.ts';
import type { Row } from './row.ts';

export const tokens: Row = {
  id: 'tokens',
  pluginOnly: true,
  metrics: [
    { label: 'token count of 99 kB, ms', goal: '≤ 2', digits: 2 },
    { label: '… of 60,000 × `a`, ms', goal: '≤ 5', digits: 2 },
  ],
  async measure({ start }) {
    const host = await start();
    const sentence = 'The quick brown fox jumps over the lazy dog, and nobody knows exactly why it does so. ';
    const count = (content: string) => {
      const prompt_messages = [{ role: 'user', content }];
      return host.invoke('get_llm_num_tokens', 'chunks:8', { prompt_messages });
    };
    const figures: number[] = [];
    for (const text of [sentence.repeat(99_000 / sentence.length), 'a'.repeat(60_000)]) {
      await repeat(20, () => count(text));
      figures.push(percentile((await repeat(50, () => count(text))).map(took), 0.5));
    }
    for (const results of host.takeResults().values()) {
      const { num_tokens } = (results[0]?.data ?? {}) as { num_tokens?: number };
      if (!Number.isInteger(num_tokens)) throw new Error(`a count of ${num_tokens} tokens`);
    }
    return figures;
  },
};
