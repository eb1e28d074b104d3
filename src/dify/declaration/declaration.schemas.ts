import { type Static, Type } from 'typebox';

/*
 * The strict union of what the hosts check: the tags of the daemon's structs, which remote debugging checks in full,
 * the patterns of its upload, and the types of Dify's API. Two rules are the project's own: a text that users read is
 * there in English and Chinese, and a key that is not in use here is a typing error. Lengths count code points.
 */

const closed = { additionalProperties: false } as const;
const oneOf = <const V extends string[]>(...values: V) => Type.Enum(values);

const UUID = '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}';

const translation = Type.String({ minLength: 1, maxLength: 1023 });
const text = Type.Object(
  {
    en_US: translation,
    zh_Hans: translation,
    ja_JP: Type.Optional(translation),
    pt_BR: Type.Optional(translation),
  },
  closed,
);

/** The name of a file in `_assets/`, without a path. */
const asset = Type.String({ pattern: '^[\\w-]+(\\.[\\w-]+)+$', maxLength: 128 });
const icon = Type.Object({ en_US: asset, zh_Hans: Type.Optional(asset) }, closed);

const httpsUrl = Type.String({ pattern: '^https://[^\\s/]+', maxLength: 1023 });

/** `manifest.yaml` */
export const manifestSchema = Type.Object(
  {
    // The daemon would take `1.0.0-beta` too, which is no version for Dify's API (PEP 440).
    version: Type.String({ pattern: '^\\d{1,4}(\\.\\d{1,4}){2}$' }),
    type: Type.Literal('plugin'),
    // The daemon refuses a UUID, which it takes for a workspace that debugs; the Marketplace refuses these two names.
    author: Type.String({ pattern: `^(?!.*(dify|langgenius))(?!${UUID}$)[a-z0-9_-]{1,64}$` }),
    name: Type.String({ pattern: '^[a-z0-9_-]{1,128}$' }),
    label: text,
    description: text,
    icon: asset,
    icon_dark: asset,
    created_at: Type.String({ pattern: '^[1-9]\\d{3}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ$' }),
    privacy: Type.String({ minLength: 1 }),
    repo: httpsUrl,
    /** An e-mail address. Only the Marketplace reads it. */
    contact: Type.Optional(Type.String({ pattern: '^[^@\\s]+@[^@\\s]+$' })),
    resource: Type.Object(
      {
        /** Bytes. A provider calls nothing of Dify, so it asks for no permission. */
        memory: Type.Integer({ minimum: 1 }),
      },
      closed,
    ),
    // A plugin of models may hold nothing else.
    plugins: Type.Object(
      { models: Type.Array(Type.String({ minLength: 1, maxLength: 128 }), { minItems: 1, maxItems: 1 }) },
      closed,
    ),
    meta: Type.Object(
      {
        version: Type.String({ pattern: '^\\d{1,4}(\\.\\d{1,4}){2}(-\\w{1,16})?$' }),
        arch: Type.Array(oneOf('amd64', 'arm64'), { minItems: 1, uniqueItems: true }),
        runner: Type.Object(
          {
            language: Type.Literal('python'),
            version: Type.String({ minLength: 1, maxLength: 128 }),
            entrypoint: Type.String({ minLength: 1, maxLength: 256 }),
          },
          closed,
        ),
        minimum_dify_version: Type.Optional(Type.String({ pattern: '^\\d+(\\.\\d+)*$' })),
      },
      closed,
    ),
    tags: Type.Array(
      oneOf(
        'search',
        'image',
        'videos',
        'weather',
        'finance',
        'design',
        'travel',
        'social',
        'news',
        'medical',
        'productivity',
        'education',
        'business',
        'entertainment',
        'utilities',
        'agent',
        'rag',
        'other',
        'trigger',
      ),
      { uniqueItems: true },
    ),
  },
  closed,
);

const modelType = oneOf(
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

/** Dify shows a field when all of the conditions hold, so two model types in one list would never show it. */
const showOn = Type.Array(Type.Object({ variable: Type.Literal('__model_type'), value: modelType }, closed), {
  minItems: 1,
  maxItems: 1,
});

const option = Type.Object({ label: text, value: Type.String({ minLength: 1, maxLength: 255 }) }, closed);

const formField = Type.Object(
  {
    variable: Type.String({ pattern: '^[a-z][a-z0-9_]*$', maxLength: 255 }),
    label: text,
    type: oneOf('text-input', 'secret-input', 'select', 'radio', 'switch'),
    required: Type.Boolean(),
    /** Dify stores and sends every value as a text. */
    default: Type.Optional(Type.String({ maxLength: 255 })),
    options: Type.Optional(Type.Array(option, { minItems: 1, maxItems: 128 })),
    placeholder: Type.Optional(text),
    help: Type.Optional(text),
    show_on: Type.Optional(showOn),
  },
  closed,
);

/** `provider/*.yaml`, for a provider whose models users add by a form. */
export const providerSchema = Type.Object(
  {
    // A part of the id by which Dify's API knows the provider.
    provider: Type.String({ pattern: '^[a-z0-9_-]+$', maxLength: 255 }),
    label: text,
    description: text,
    icon_small: icon,
    icon_small_dark: icon,
    icon_large: icon,
    icon_large_dark: icon,
    background: Type.String({ pattern: '^#[0-9A-Fa-f]{6}$' }),
    help: Type.Object(
      { title: text, url: Type.Object({ en_US: httpsUrl, zh_Hans: httpsUrl }, closed) },
      closed,
    ),
    supported_model_types: Type.Array(modelType, { minItems: 1, maxItems: 16, uniqueItems: true }),
    configurate_methods: Type.Array(Type.Literal('customizable-model'), { minItems: 1, maxItems: 1 }),
    model_credential_schema: Type.Object(
      {
        model: Type.Object({ label: text, placeholder: Type.Optional(text) }, closed),
        credential_form_schemas: Type.Array(formField, { minItems: 1, maxItems: 32 }),
      },
      closed,
    ),
  },
  closed,
);

/** What `manifest.yaml` says. */
export type Manifest = Static<typeof manifestSchema>;
/** What the provider's file says. */
export type Provider = Static<typeof providerSchema>;
/** One field of the form for a model's credentials. */
export type FormField = Static<typeof formField>;
