import { describe, expect, it } from 'vitest';
import { readTtsForm } from '../../../models/tts/form.ts';
import { voicesFor, voicesOf, voiceToSend } from '../../../models/tts/voices.ts';
import { parseDescription } from '../../../src/xinference/description.ts';
import { audio } from '../../fake/xinference/models.ts';

const model = (model_name: string) => parseDescription(audio('tts', { model_name }).description);
const typed = (voices: string) => readTtsForm({ voices });
const names = (voices: readonly { value: string }[]) => voices.map(({ value }) => value);

describe('the voices to choose from', () => {
  it.each([
    ['alloy', ['alloy']],
    [' alloy , echo,,echo ', ['alloy', 'echo']],
    ['中文女，英文男\n女 声', ['中文女', '英文男', '女 声']],
  ])('are what the user typed: %j', (text, voices) => {
    expect(names(voicesOf(typed(text), model('Kokoro-82M')))).toEqual(voices);
  });

  it.each([
    ['Kokoro-82M', 54, 'af_heart'],
    ['Kokoro-82M-v1.1-zh', 103, 'zf_001'],
    ['CosyVoice-300M-SFT', 7, '中文女'],
    ['CosyVoice-300M-Instruct', 7, '中文女'],
    ['CosyVoice2-0.5B', 7, '中文女'],
    ['MeloTTS-English', 5, 'EN-US'],
    ['MeloTTS-English-v2', 4, 'EN-US'],
    ['MeloTTS-English-v3', 1, 'EN-Newest'],
    ['MeloTTS-Chinese', 1, 'ZH'],
    ['ChatTTS', 6, 'alloy'],
    ['Qwen3-TTS-12Hz-1.7B-CustomVoice', 9, 'vivian'],
  ])('are those that %s is known for', (name, count, first) => {
    const voices = voicesOf(typed(''), model(name));
    expect(voices).toHaveLength(count);
    expect(new Set(names(voices)).size).toBe(count);
    expect(voices[0].value).toBe(first);
  });

  it.each([model('CosyVoice-300M'), model('FishSpeech-1.5'), undefined])(
    'are never none, because Dify refuses to speak then (%#)',
    description => {
      expect(voicesOf(typed(' , '), description)).toEqual([
        { name: 'Default', value: 'default', languages: [] },
      ]);
    },
  );
});

describe('by language', () => {
  const cosy = voicesOf(typed(''), model('CosyVoice-300M-SFT'));

  it.each([
    ['ja-JP', ['日语男']],
    ['zh-Hant', ['中文女', '中文男', '粤语女']],
    ['zh_Hans', ['中文女', '中文男', '粤语女']],
    ['EN', ['英文女', '英文男']],
    ['', names(cosy)],
    ['fr-FR', names(cosy)],
  ])('%s', (language, voices) => {
    expect(names(voicesFor(cosy, language))).toEqual(voices);
  });

  it('typed voices speak every language', () => {
    expect(names(voicesFor(voicesOf(typed('a,b'), undefined), 'ja-JP'))).toEqual(['a', 'b']);
  });
});

it.each([
  ['as it was chosen', 'zf_xiaoyi', '', 'Kokoro-82M', 'zf_xiaoyi'],
  ['as it was chosen, even if unknown', 'mine.pt', '', 'Kokoro-82M', 'mine.pt'],
  ['the default as none', 'default', '', 'FishSpeech-1.5', ''],
  ['the default as none, although there are others by now', 'default', 'a,b', 'FishSpeech-1.5', ''],
  ['a voice that is called so', 'default', 'a,default', 'FishSpeech-1.5', 'default'],
  ['the first when none is chosen', '', '', 'Kokoro-82M', 'af_heart'],
  ['none when there is none to choose', '', '', 'FishSpeech-1.5', ''],
])('a voice goes out %s', (_name, chosen, form, name, sent) => {
  expect(voiceToSend(chosen, voicesOf(typed(form), model(name)))).toBe(sent);
});
