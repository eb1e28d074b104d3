import { type Static, Type } from 'typebox';
import { asset, closed, httpsUrl, oneOf, path, text } from './parts.schemas.ts';

/*
 * The strict union of what the hosts check: the tags of the daemon's structs, which remote debugging checks in full,
 * the patterns of its upload, and the types of Dify's API. Two rules are the project's own: a text that users read is
 * there in English and Chinese, and a key that is not in use here is a typing error. Lengths count code points.
 */

const UUID = '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}';

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
    icon_dark: Type.Optional(asset),
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
    plugins: Type.Object({ models: Type.Array(path, { minItems: 1, maxItems: 1 }) }, closed),
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

/** What `manifest.yaml` says. */
export type Manifest = Static<typeof manifestSchema>;
