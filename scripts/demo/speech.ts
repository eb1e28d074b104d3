import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { projectRoot } from '../project.ts';
import type { DemoModel } from './models.ts';
import type { DemoPlugin } from './plugin.ts';
import type { Terminal } from './terminal.ts';

const SENTENCE = 'Hello from Xinference. This sentence was spoken by a model of your own.';

/** The file ending of a sound; hosts go by the type, players by the ending. */
const ENDINGS: Readonly<Record<string, string>> = {
  'audio/mpeg': 'mp3',
  'audio/wav': 'wav',
  'audio/x-wav': 'wav',
  'audio/flac': 'flac',
  'audio/ogg': 'ogg',
  'audio/aac': 'aac',
};

/** Says a sentence into a file that can be played. @returns the sound */
export async function showSpeaking(
  plugin: DemoPlugin,
  terminal: Terminal,
  model: DemoModel,
): Promise<Buffer> {
  const { voices } = await plugin.one<{ voices: { name: string; value: string }[] }>(
    'get_tts_model_voices',
    model,
  );
  const [voice] = voices;
  const pieces = await plugin.all<{ result: string; mime_type?: string }>('invoke_tts', model, {
    content_text: SENTENCE,
    voice: voice?.value ?? '',
  });
  const sound = Buffer.concat(pieces.map(({ result }) => Buffer.from(result, 'hex')));
  const type = pieces[0]?.mime_type ?? 'unknown';
  const file = join(projectRoot, 'dist', `demo.${ENDINGS[type] ?? 'bin'}`);
  await mkdir(join(projectRoot, 'dist'), { recursive: true });
  await writeFile(file, sound);
  const names = voices.slice(0, 6).map(({ name }) => name);
  terminal.fact(
    'voices',
    `${voices.length}: ${names.join(', ')}${voices.length > names.length ? ', …' : ''}`,
  );
  terminal.fact('sentence', SENTENCE);
  terminal.fact('sound', `${sound.length} bytes of ${type}`);
  terminal.fact('file', relative(process.cwd(), file));
  return sound;
}

/** Has a sound transcribed. */
export async function showListening(
  plugin: DemoPlugin,
  terminal: Terminal,
  model: DemoModel,
  sound: Buffer,
): Promise<void> {
  const { result } = await plugin.one<{ result: string }>('invoke_speech2text', model, {
    file: sound.toString('hex'),
  });
  terminal.fact('heard', result);
}
