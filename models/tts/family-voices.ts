import type { ModelDescription } from '../../src/xinference/description.ts';

/** A voice of a model. */
export interface Voice {
  /** What the user reads. */
  readonly name: string;
  /** What the model takes. */
  readonly value: string;
  /** The languages it is made for, as Dify names them; empty where it speaks any. */
  readonly languages: readonly string[];
}

/** The voices of the models whose name matches. Servers have no list of them, so it has to be known from elsewhere. */
interface Family {
  readonly models: RegExp;
  readonly voices: readonly Voice[];
}

const CHINESE = ['zh-Hans', 'zh-Hant'];
const ENGLISH = ['en-US'];

/**
 * Kokoro-82M: the 54 voice packs beside its weights, listed with their grades in VOICES.md of hexgrad/Kokoro-82M. The
 * first letter is the language, the second the sex; the best graded comes first.
 */
const KOKORO = [
  ...prefixed('af', ENGLISH, 'heart alloy aoede bella jessica kore nicole nova river sarah sky'),
  ...prefixed('am', ENGLISH, 'adam echo eric fenrir liam michael onyx puck santa'),
  ...prefixed('bf', ENGLISH, 'alice emma isabella lily'),
  ...prefixed('bm', ENGLISH, 'daniel fable george lewis'),
  ...prefixed('zf', CHINESE, 'xiaobei xiaoni xiaoxiao xiaoyi'),
  ...prefixed('zm', CHINESE, 'yunjian yunxi yunxia yunyang'),
  ...prefixed('jf', ['ja-JP'], 'alpha gongitsune nezumi tebukuro'),
  ...prefixed('jm', ['ja-JP'], 'kumo'),
  ...prefixed('ef', ['es-ES'], 'dora'),
  ...prefixed('em', ['es-ES'], 'alex santa'),
  ...prefixed('ff', ['fr-FR'], 'siwis'),
  ...prefixed('hf', ['hi-IN'], 'alpha beta'),
  ...prefixed('hm', ['hi-IN'], 'omega psi'),
  ...prefixed('if', ['it-IT'], 'sara'),
  ...prefixed('im', ['it-IT'], 'nicola'),
  ...prefixed('pf', ['pt-BR'], 'dora'),
  ...prefixed('pm', ['pt-BR'], 'alex santa'),
];

/** Kokoro-82M-v1.1-zh: the voice packs of hexgrad/Kokoro-82M-v1.1-zh; numbers are missing among them. */
const KOKORO_ZH = [
  ...prefixed(
    'zf',
    CHINESE,
    '001 002 003 004 005 006 007 008 017 018 019 021 022 023 024 026 027 028 032 036 038 039 040 042 043 044 046 047 ' +
      '048 049 051 059 060 067 070 071 072 073 074 075 076 077 078 079 083 084 085 086 087 088 090 092 093 094 099',
  ),
  ...prefixed(
    'zm',
    CHINESE,
    '009 010 011 012 013 014 015 016 020 025 029 030 031 033 034 035 037 041 045 050 052 053 054 055 056 057 058 061 ' +
      '062 063 064 065 066 068 069 080 081 082 089 091 095 096 097 098 100',
  ),
  ...prefixed('af', ENGLISH, 'maple sol'),
  ...prefixed('bf', ENGLISH, 'vale'),
];

/** CosyVoice with built-in speakers: listed in the audio guide of Xinference's documentation. */
const COSYVOICE = [
  ...named(CHINESE, '中文女 中文男 粤语女'),
  ...named(ENGLISH, '英文女 英文男'),
  ...named(['ja-JP'], '日语男'),
  ...named(['ko-KR'], '韩语女'),
];

/** MeloTTS: the speakers in the model cards of myshell-ai. */
const MELO_ENGLISH = named(ENGLISH, 'EN-US EN-BR EN_INDIA EN-AU EN-Default');

/** Any text is a voice of ChatTTS: the server makes a speaker of its hash. These are what Dify's users know. */
const CHAT_TTS = named([], 'alloy echo fable onyx nova shimmer');

/** Qwen3-TTS with built-in speakers: as `get_supported_speakers()` of the model gives them. They speak all its languages. */
const QWEN3_TTS = named([], 'vivian serena uncle_fu dylan eric ryan aiden ono_anna sohee');

/** The names are those of Xinference's built-in audio models; the first match counts. */
const FAMILIES: readonly Family[] = [
  { models: /Kokoro-82M-v1\.1-zh/i, voices: KOKORO_ZH },
  { models: /Kokoro-82M/i, voices: KOKORO },
  // CosyVoice-300M itself only clones voices.
  { models: /CosyVoice-300M-(?:SFT|Instruct)|CosyVoice2-0\.5B/i, voices: COSYVOICE },
  { models: /MeloTTS-English-v3/i, voices: named(ENGLISH, 'EN-Newest') },
  { models: /MeloTTS-English-v2/i, voices: MELO_ENGLISH.slice(0, -1) },
  { models: /MeloTTS-English/i, voices: MELO_ENGLISH },
  { models: /MeloTTS-Spanish/i, voices: named(['es-ES'], 'ES') },
  { models: /MeloTTS-French/i, voices: named(['fr-FR'], 'FR') },
  { models: /MeloTTS-Chinese/i, voices: named(CHINESE, 'ZH') },
  { models: /MeloTTS-Japanese/i, voices: named(['ja-JP'], 'JP') },
  { models: /MeloTTS-Korean/i, voices: named(['ko-KR'], 'KR') },
  { models: /ChatTTS/i, voices: CHAT_TTS },
  { models: /^Qwen3-TTS-.*-CustomVoice/i, voices: QWEN3_TTS },
];

/** The voices that a model is known to have; none where nothing is known. */
export function voicesOfModel(description: ModelDescription | undefined): readonly Voice[] {
  const name = description?.name;
  return (name !== undefined && FAMILIES.find(({ models }) => models.test(name))?.voices) || [];
}

/** `af`, `heart sky` are the voices `af_heart` and `af_sky`. */
function prefixed(prefix: string, languages: readonly string[], names: string): Voice[] {
  return named(
    languages,
    names
      .split(' ')
      .map(name => `${prefix}_${name}`)
      .join(' '),
  );
}

function named(languages: readonly string[], values: string): Voice[] {
  return values.split(' ').map(value => ({ name: value, value, languages }));
}
