/**
 * Ten workers of Dify that index a document each, against a server that takes four requests at once and answers 429 to the rest:
 *
 *     node bench/requests-at-once.ts
 *
 * Each worker embeds its texts in calls one after the other, as Dify does. Shown for a form without a bound, for an empty one
 * (which gives way after a 429), and for one that names the four slots.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { startPlugin } from '../test/fake/plugin/plugin.ts';
import { embedding } from '../test/fake/xinference/models.ts';
import { sendJson } from '../test/fake/xinference/replies.ts';
import { startFakeXinference } from '../test/fake/xinference/xinference-server.ts';

const WORKERS = 10;
const CALLS = 12;
const SLOTS = 4;
/** What a batch takes the server, in ms. */
const WORK_MS = 100;

const FORMS: readonly (readonly [name: string, max_concurrency: string])[] = [
  ['no bound (1000)', '1000'],
  ['empty', ''],
  [`${SLOTS}`, `${SLOTS}`],
];

async function index(max_concurrency: string) {
  const server = await startFakeXinference({ models: [embedding('embedding', { dimensions: 1 })] });
  const plugin = await startPlugin({ logLevel: 'error' });
  let open = 0;
  let refused = 0;
  server.answer('POST /v1/embeddings', async (_request, response) => {
    if (open >= SLOTS) {
      refused++;
      return sendJson(response, 429, { detail: 'Rate limit reached' });
    }
    open++;
    await sleep(WORK_MS);
    open--;
    const data = [{ index: 0, object: 'embedding', embedding: [0.5] }];
    sendJson(response, 200, { data, usage: { prompt_tokens: 1, total_tokens: 1 } });
  });
  const credentials = { server_url: server.url, model_uid: 'embedding', max_concurrency };
  const call = { model: 'M', model_type: 'text-embedding', credentials, texts: ['text'] };
  let failed = 0;
  const started = performance.now();
  await Promise.all(
    Array.from({ length: WORKERS }, async () => {
      for (let turn = 0; turn < CALLS; turn++) {
        const { error } = await plugin.host.request('invoke_text_embedding', call).result();
        if (error !== undefined) failed++;
      }
    }),
  );
  const ms = performance.now() - started;
  await plugin.close();
  await server.close();
  return { ms, failed, refused };
}

console.log(
  '| requests at once in the form | calls that failed | answers 429 | ms in all |\n|---|--:|--:|--:|',
);
for (const [name, most] of FORMS) {
  const { ms, failed, refused } = await index(most);
  console.log(`| ${name} | ${failed} of ${WORKERS * CALLS} | ${refused} | ${Math.round(ms)} |`);
}
console.log(`\nAt best ${((WORKERS * CALLS) / SLOTS) * WORK_MS} ms.`);
