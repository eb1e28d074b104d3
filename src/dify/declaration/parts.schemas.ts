import { Type } from 'typebox';

/** A key that is not in use here is a typing error. */
export const closed = { additionalProperties: false } as const;
export const oneOf = <const V extends string[]>(...values: V) => Type.Enum(values);

const translation = Type.String({ minLength: 1, maxLength: 1023 });
const others = {
  zh_Hans: Type.Optional(translation),
  ja_JP: Type.Optional(translation),
  pt_BR: Type.Optional(translation),
};

/** A text that users read, as hosts take it. */
export const anyText = Type.Object({ en_US: translation, ...others }, closed);
/** The same, in English and Chinese at the least. */
export const text = Type.Object({ en_US: translation, ...others, zh_Hans: translation }, closed);

/** The name of a file in `_assets/`, without a path. */
export const asset = Type.String({ pattern: '^[\\w-]+(\\.[\\w-]+)+$', maxLength: 128 });

export const httpsUrl = Type.String({ pattern: '^https://[^\\s/]+', maxLength: 1023 });

/** The path of a file of the plugin, relative to its folder. */
export const path = Type.String({ minLength: 1, maxLength: 128 });

export const modelType = oneOf(
  'llm',
  'text-embedding',
  'rerank',
  'speech2text',
  'moderation',
  'tts',
  'text2img',
  'multimodal-embedding',
  'multimodal-rerank',
);
