import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'esbuild';
import { NumberLists } from '../models/openai/embeddings/number-lists.ts';
import { embedding, text } from './embedding/data.ts';
import { Plugin } from './embedding/host.ts';

/**
 * Embeds 512 texts of 500 characters as a Dify host does: asks for the schema, then calls with `max_chunks` texts, one after
 * the other. `node bench/embedding.ts [rounds]` runs the plugin, bundled, and the server in processes of their own, checks
 * every number, and prints the medians of the rounds. CPU and memory are those of the plugin's process, since its start.
 */
const TEXTS = 512;
const rounds = Number(process.argv[2] ?? 5);

interface Measured {
  readonly maxChunks: number;
  readonly ms: number;
  readonly cpuMs: number;
  readonly peakMiB: number;
  readonly requests: number;
  readonly connections: number;
  readonly bytes: number;
}

async function measure(dimensions: number): Promise<Measured> {
  const server = spawn(
    process.execPath,
    [new URL('embedding/server.ts', import.meta.url).pathname, String(dimensions), String(TEXTS)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const serverLines = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
  const { value: port } = await serverLines.next();
  const plugin = new Plugin(spawn(process.execPath, [bundle], { stdio: ['pipe', 'pipe', 'inherit'] }));
  await plugin.ready;

  const credentials = { server_url: `http://127.0.0.1:${port}`, model_uid: 'bench' };
  const schema = (await plugin.ask({ action: 'get_ai_model_schemas', credentials })) as Buffer[];
  const { model_schema } = resultOf<{ model_schema: { model_properties: { max_chunks: number } } }>(schema);
  const maxChunks = model_schema.model_properties.max_chunks;
  const cpuBefore = cpuMs(plugin.pid);
  const startedAt = performance.now();
  const answers: Buffer[][] = [];
  for (let from = 0; from < TEXTS; from += maxChunks) {
    const texts = Array.from({ length: Math.min(maxChunks, TEXTS - from) }, (_, at) => text(from + at));
    answers.push(
      await plugin.ask({ action: 'invoke_text_embedding', credentials, texts, input_type: 'document' }),
    );
  }
  const ms = performance.now() - startedAt;
  const spent = cpuMs(plugin.pid) - cpuBefore;
  const peakMiB = peakOf(plugin.pid);
  await plugin.close();
  server.kill('SIGTERM');
  const { value: report } = await serverLines.next();
  verify(answers, dimensions);
  const { requests, connections, bytes } = JSON.parse(String(report)) as Measured;
  return { maxChunks, ms, cpuMs: spent, peakMiB, requests, connections, bytes };
}

/** The one result of an action. What it holds is checked by who asked for it. */
function resultOf<T>([line]: readonly Buffer[]): T {
  return JSON.parse(String(line)).data.data;
}

function verify(answers: readonly Buffer[][], dimensions: number): void {
  const rows = answers.flatMap(lines => resultOf<{ embeddings: number[][] }>(lines).embeddings);
  if (rows.length !== TEXTS) throw new Error(`${rows.length} embeddings for ${TEXTS} texts`);
  for (const [n, row] of rows.entries()) {
    const expected = embedding(n, dimensions);
    if (row.length !== dimensions || !expected.every((value, at) => Math.fround(row[at] ?? 0) === value)) {
      throw new Error(`the embedding of text ${n} is not the one that the server gave`);
    }
  }
}

/** User and system time of a process so far; Linux counts it in hundredths of a second. */
function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return 10 * (Number(fields[11]) + Number(fields[12]));
}

function peakOf(pid: number): number {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

/** What a row of 1,024 numbers costs: looked at byte by byte, or parsed and printed. */
function printRowCosts(): void {
  const data = Array.from({ length: 64 }, (_, n) => ({ index: n, embedding: embedding(n, 1024) }));
  const body = Buffer.from(JSON.stringify({ data }));
  const best = (work: () => void) => {
    const times = Array.from({ length: 100 }, () => {
      const startedAt = performance.now();
      work();
      return performance.now() - startedAt;
    });
    return ((1000 * Math.min(...times)) / data.length).toFixed(1);
  };
  const chunks = Array.from({ length: Math.ceil(body.length / 65_536) }, (_, at) =>
    body.subarray(at * 65_536, (at + 1) * 65_536),
  );
  const taken = best(() => {
    const lists = new NumberLists();
    for (const chunk of chunks) lists.push(chunk);
    JSON.parse(lists.end());
  });
  const printed = best(() => {
    JSON.stringify(JSON.parse(Buffer.concat(chunks).toString('utf8')));
  });
  console.log(
    `\nA row of 1,024 numbers, best of 100: ${taken} µs as it stands, ${printed} µs parsed and printed.`,
  );
}

const folder = mkdtempSync(join(tmpdir(), 'bench-'));
const bundle = join(folder, 'plugin.mjs');
await build({
  entryPoints: [new URL('../src/main.ts', import.meta.url).pathname],
  outfile: bundle,
  bundle: true,
  minify: true,
  platform: 'node',
  format: 'esm',
  banner: {
    js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
  },
});

console.log(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model}; medians of ${rounds} rounds\n`);
console.log(
  '| dimensions | texts a call | ms | HTTP requests | connections | MB of answers | CPU ms | peak RSS MiB |',
);
console.log('|---|---|---|---|---|---|---|---|');
for (const dimensions of [1024, 4096]) {
  const all: Measured[] = [];
  for (let round = 0; round < rounds; round++) all.push(await measure(dimensions));
  const median = (of: (measured: Measured) => number) => {
    const sorted = all.map(of).sort((a, b) => a - b);
    return sorted[sorted.length >> 1] ?? 0;
  };
  const cells = [
    dimensions,
    median(m => m.maxChunks),
    median(m => m.ms).toFixed(0),
    median(m => m.requests),
    median(m => m.connections),
    (median(m => m.bytes) / 1e6).toFixed(1),
    median(m => m.cpuMs).toFixed(0),
    median(m => m.peakMiB).toFixed(1),
  ];
  console.log(`| ${cells.join(' | ')} |`);
}
printRowCosts();
rmSync(folder, { recursive: true });
