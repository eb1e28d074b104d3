import { type Static, type TSchema, Type } from 'typebox';
import { asset, closed, httpsUrl, modelType, oneOf, path, text } from './parts.schemas.ts';

const icon = Type.Object({ en_US: asset, zh_Hans: Type.Optional(asset) }, closed);

/** Dify shows what has conditions when all of them hold. The variable `__model_type` is the type of the model that is added. */
const showOn = Type.Array(
  Type.Object(
    {
      variable: Type.String({ minLength: 1, maxLength: 255 }),
      value: Type.String({ minLength: 1, maxLength: 255 }),
    },
    closed,
  ),
  { maxItems: 16 },
);

const option = Type.Object(
  {
    label: text,
    value: Type.String({ minLength: 1, maxLength: 255 }),
    show_on: Type.Optional(showOn),
  },
  closed,
);

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
    url: Type.Optional(httpsUrl),
    /** Characters. */
    max_length: Type.Optional(Type.Integer({ minimum: 0 })),
    show_on: Type.Optional(showOn),
  },
  closed,
);

const formFields = Type.Array(formField, { minItems: 1, maxItems: 32 });

/** Where the models of one type are that the plugin brings along. */
const modelFiles = Type.Object(
  {
    /** A file with the names of the models, in the order in which Dify shall list them. */
    position: Type.Optional(path),
    /** Paths, in which `*` stands for a part of a name. */
    predefined: Type.Optional(Type.Array(path)),
  },
  closed,
);

/** Keys of `models` and `position`: the model types that can be predefined, as hosts spell them there. */
const byModelType = <T extends TSchema>(schema: T) =>
  Type.Object(
    {
      llm: Type.Optional(schema),
      text_embedding: Type.Optional(schema),
      rerank: Type.Optional(schema),
      tts: Type.Optional(schema),
      speech2text: Type.Optional(schema),
      moderation: Type.Optional(schema),
    },
    closed,
  );

/** `provider/*.yaml` */
export const providerSchema = Type.Object(
  {
    // A part of the id by which Dify's API knows the provider.
    provider: Type.String({ pattern: '^[a-z0-9_-]+$', maxLength: 255 }),
    label: text,
    description: Type.Optional(text),
    icon_small: icon,
    icon_small_dark: Type.Optional(icon),
    icon_large: icon,
    icon_large_dark: Type.Optional(icon),
    background: Type.Optional(Type.String({ pattern: '^#[0-9A-Fa-f]{6}$' })),
    help: Type.Optional(
      Type.Object({ title: text, url: Type.Object({ en_US: httpsUrl, zh_Hans: httpsUrl }, closed) }, closed),
    ),
    supported_model_types: Type.Array(modelType, { minItems: 1, maxItems: 16, uniqueItems: true }),
    configurate_methods: Type.Array(oneOf('predefined-model', 'customizable-model'), {
      minItems: 1,
      maxItems: 2,
      uniqueItems: true,
    }),
    /** What is typed once for all models; the form of a provider with predefined models. */
    provider_credential_schema: Type.Optional(Type.Object({ credential_form_schemas: formFields }, closed)),
    /** What is typed for each model that a user adds. */
    model_credential_schema: Type.Optional(
      Type.Object(
        {
          model: Type.Object({ label: text, placeholder: Type.Optional(text) }, closed),
          credential_form_schemas: formFields,
        },
        closed,
      ),
    ),
    models: Type.Optional(byModelType(modelFiles)),
  },
  closed,
);

/** A file of {@link modelFiles}' `position`. */
export const positionSchema = Type.Array(Type.String({ minLength: 1 }));

/** What a provider's file says. */
export type ProviderFile = Static<typeof providerSchema>;
/** One field of a form for credentials. */
export type FormField = Static<typeof formField>;
/** The keys under which model types stand in `models` and `position`. */
export type ModelTypeKey = keyof NonNullable<ProviderFile['models']>;
