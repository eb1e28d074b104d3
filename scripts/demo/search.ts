import { cosine } from '../../test/fake/xinference/endpoints/vectors.ts';
import type { DemoModel } from './models.ts';
import type { DemoPlugin } from './plugin.ts';
import type { Terminal } from './terminal.ts';

const QUESTION = 'How do I make the bread rise?';

const SENTENCES = [
  'Yeast makes the bread rise: give it an hour in a warm place.',
  'The cat sleeps on the warm roof all afternoon.',
  'Bread rises best when the dough rests before you bake it.',
  'The train to the coast leaves at seven in the morning.',
  'A pinch of salt makes the bread taste of something.',
  'Our database keeps a copy of every order for ten years.',
  'Rain is expected over the mountains tomorrow.',
  'The violin was built in Cremona three hundred years ago.',
];

/** A small semantic search: sentences embedded and ordered by closeness to a question. */
export async function showSearch(plugin: DemoPlugin, terminal: Terminal, model: DemoModel): Promise<void> {
  const started = performance.now();
  const { embeddings, usage } = await plugin.one<{ embeddings: number[][]; usage: { tokens: number } }>(
    'invoke_text_embedding',
    model,
    { texts: SENTENCES },
  );
  const asked = await plugin.one<{ embeddings: number[][] }>('invoke_text_embedding', model, {
    texts: [QUESTION],
    input_type: 'query',
  });
  const question = asked.embeddings[0] ?? [];
  const found = embeddings
    .map((embedding, index) => ({ text: SENTENCES[index] ?? '', score: cosine(embedding, question) }))
    .sort((left, right) => right.score - left.score);
  terminal.fact(
    'embedded',
    `${SENTENCES.length} sentences, ${usage.tokens} tokens, ${question.length} dimensions`,
  );
  terminal.fact('time', `${Math.round(performance.now() - started)} ms`);
  terminal.fact('question', QUESTION);
  for (const { text, score } of found.slice(0, 3)) terminal.fact(score.toFixed(3), text);
}

/** The same sentences, ordered by a reranker. */
export async function showRerank(plugin: DemoPlugin, terminal: Terminal, model: DemoModel): Promise<void> {
  const { docs } = await plugin.one<{ docs: { text: string; score: number }[] }>('invoke_rerank', model, {
    query: QUESTION,
    docs: SENTENCES,
    top_n: 3,
  });
  terminal.fact('question', QUESTION);
  for (const { text, score } of docs) terminal.fact(score.toFixed(3), text);
}
