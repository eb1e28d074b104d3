import { Type } from 'typebox';

const part = Type.Object({ type: Type.Enum(['text', 'image']), data: Type.String({ pattern: '^[a-z]+$' }) });

export const messageSchemas = {
  message: Type.Object({
    role: Type.Union([Type.Literal('user'), Type.Literal('tool')]),
    content: Type.Union([Type.String({ maxLength: 3 }), Type.Array(part)]),
    name: Type.Optional(Type.Unsafe<string | null>({ type: 'string', nullable: true })),
  }),
  'get-tags': Type.Array(Type.Object({ id: Type.Integer({ minimum: 0 }) }), { uniqueItems: true }),
  options: Type.Record(Type.String(), Type.Number()),
  same_as_options: Type.Record(Type.String(), Type.Number()),
};
