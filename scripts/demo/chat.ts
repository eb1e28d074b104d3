import type { LlmChunk } from '../../src/dify/protocol/results.schemas.ts';
import type { DemoModel } from './models.ts';
import type { DemoPlugin } from './plugin.ts';
import type { Terminal } from './terminal.ts';

const QUESTION = 'What is Xinference, and what is it good for?';

/** Asks a chat model a question and shows the answer as it streams in. @throws Error with what the plugin said */
export async function showChat(plugin: DemoPlugin, terminal: Terminal, model: DemoModel): Promise<void> {
  terminal.fact('question', QUESTION);
  const started = performance.now();
  const session = plugin.host.request('invoke_llm', {
    ...plugin.about(model),
    prompt_messages: [{ role: 'user', content: QUESTION }],
    model_parameters: { temperature: 0, max_tokens: 256 },
    stream: true,
  });
  let firstAt: number | undefined;
  let messages = 0;
  let last: LlmChunk | undefined;
  terminal.line();
  for await (const message of session.messages) {
    if (message.type === 'error') throw new Error(`${message.data.error_type}: ${message.data.message}`);
    if (message.type !== 'stream') continue;
    last = message.data as LlmChunk;
    messages++;
    const { content } = last.delta.message;
    if (content !== '') firstAt ??= performance.now();
    terminal.stream(content);
  }
  terminal.endStream();
  const usage = last?.delta.usage;
  if (!usage) throw new Error('The answer came without usage.');
  const seconds = (performance.now() - started) / 1000;
  terminal.line();
  terminal.fact('first text', `${Math.round((firstAt ?? started) - started)} ms`);
  terminal.fact(
    'rate',
    `${Math.round(usage.completion_tokens / seconds)} tokens/s in ${messages} messages, ${seconds.toFixed(2)} s`,
  );
  terminal.fact('usage', `${usage.prompt_tokens} tokens in, ${usage.completion_tokens} out`);
  terminal.fact('finish', String(last?.delta.finish_reason));
}
