import type { ModelType } from '../../src/dify/protocol/requests.schemas.ts';
import type { ModelDescription } from '../../src/xinference/description.ts';

/**
 * The Dify model types that a running model can serve; none for images and videos. An audio model that lists no
 * abilities may be either.
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
      return audioTypes(description.abilities ?? []);
    default:
      return [];
  }
}

function audioTypes(abilities: readonly string[]): readonly ModelType[] {
  if (abilities.length === 0) return ['speech2text', 'tts'];
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
      : `Add it as ${types.join(' or ')}.`;
  return `The model ${uid} is of the type ${description.modelType} (abilities: ${abilities}), not ${picked}. ${advice}`;
}
