import { type Static, Type } from 'typebox';
import { anyText, closed, modelType, oneOf } from './parts.schemas.ts';

const TEMPLATES = [
  'temperature',
  'top_p',
  'top_k',
  'presence_penalty',
  'frequency_penalty',
  'max_tokens',
  'response_format',
  'json_schema',
] as const;

/** A decimal number, as a text or as a number. */
const decimal = Type.Unsafe<string | number>({ type: ['string', 'number'], pattern: '^\\d+(\\.\\d+)?$' });

const parameterRule = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 255 }),
    /** The host fills in what the rule leaves out. */
    use_template: Type.Optional(oneOf(...TEMPLATES)),
    label: Type.Optional(anyText),
    type: Type.Optional(oneOf('float', 'int', 'string', 'boolean', 'text')),
    help: Type.Optional(anyText),
    required: Type.Optional(Type.Boolean()),
    default: Type.Optional(
      Type.Unsafe<string | number | boolean | null>({
        type: ['string', 'number', 'boolean'],
        nullable: true,
      }),
    ),
    min: Type.Optional(Type.Unsafe<number | null>({ type: 'number', nullable: true })),
    max: Type.Optional(Type.Unsafe<number | null>({ type: 'number', nullable: true })),
    precision: Type.Optional(Type.Unsafe<number | null>({ type: 'integer', nullable: true })),
    options: Type.Optional(Type.Array(Type.String({ maxLength: 255 }))),
  },
  closed,
);

/** The file of a model that a plugin brings along, such as `models/llm/small.yaml`. */
export const predefinedModelSchema = Type.Object(
  {
    model: Type.String({ minLength: 1, maxLength: 255 }),
    label: anyText,
    model_type: modelType,
    fetch_from: Type.Optional(Type.Literal('predefined-model')),
    features: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 255 }), { maxItems: 256 })),
    model_properties: Type.Record(Type.String(), Type.Unknown()),
    parameter_rules: Type.Optional(Type.Array(parameterRule, { maxItems: 128 })),
    deprecated: Type.Optional(Type.Boolean()),
    pricing: Type.Optional(
      Type.Unsafe<{
        input: string | number;
        output?: string | number;
        unit: string | number;
        currency: string;
      } | null>({
        ...Type.Object(
          {
            input: decimal,
            output: Type.Optional(decimal),
            /** The part of a price that one token costs: `'0.000001'` for prices a million tokens. */
            unit: decimal,
            currency: Type.String({ minLength: 1 }),
          },
          closed,
        ),
        nullable: true,
      }),
    ),
  },
  closed,
);

/** A model that a plugin brings along. */
export type PredefinedModel = Static<typeof predefinedModelSchema>;
