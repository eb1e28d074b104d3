import type { ModelType } from '../../src/dify/index.ts';
import type { ModelDescription } from '../../src/xinference/description.ts';

/** The model types as Dify's form for a new model names them. */
export const TYPE_NAMES: Readonly<Record<ModelType, string>> = {
  llm: 'LLM',
  'text-embedding': 'Text Embedding',
  rerank: 'Rerank',
  speech2text: 'Speech2text',
  tts: 'TTS',
  moderation: 'Moderation',
};

/**
 * The Dify model types that a running model can serve; none for images and videos. An audio model that lists no
 * abilities, as before 1.6.0, is judged by its family, and may be either where that says nothing.
 */
export function modelTypesOf(description: ModelDescription): readonly ModelType[] {
  switch (description.modelType) {
    case 'LLM':
      return ['llm'];
    case 'embedding':
      return ['text-embedding'];
    case 'rerank':
      return ['rerank'];
    case 'audio':
      return audioTypes(description);
    default:
      return [];
  }
}

/** The families of audio models at the time when they listed no abilities. */
const LISTENING = /^(?:whisper|funasr)$/i;
const SPEAKING = /^(?:chattts|cosyvoice|f5-tts|f5-tts-mlx|fishaudio|kokoro|megatts|melotts)$/i;

function audioTypes({ abilities = [], family = '' }: ModelDescription): readonly ModelType[] {
  if (abilities.length === 0) {
    if (LISTENING.test(family)) return ['speech2text'];
    return SPEAKING.test(family) ? ['tts'] : ['speech2text', 'tts'];
  }
  const types: ModelType[] = [];
  if (abilities.includes('audio2text')) types.push('speech2text');
  if (abilities.some(ability => ability.startsWith('text2audio'))) types.push('tts');
  return types;
}

/** Says what a model is instead of what the user picked, and what to pick. */
export function typeMismatch(uid: string, description: ModelDescription, picked: ModelType): string {
  const types = modelTypesOf(description);
  const abilities = description.abilities?.join(', ') || 'none listed';
  const advice =
    types.length === 0
      ? 'Dify has no model type for it: choose another model.'
      : `Add it as ${types.map(type => TYPE_NAMES[type]).join(' or ')}.`;
  return `The model ${uid} is of the type ${description.modelType} (abilities: ${abilities}), not ${TYPE_NAMES[picked]}. ${advice}`;
}
