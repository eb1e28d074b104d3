/**
 * What a debugging host demands of a declaration: the tags that the daemon checks in full on this way alone, with its
 * patterns and those of Dify's API. Written apart from the plugin's own schemas, which could only agree with themselves.
 */

type Fields = Readonly<Record<string, unknown>>;
/** What is wrong with a value, with the place in it; `undefined` if nothing. */
type Rule = (value: unknown) => string | undefined;

const holds =
  (check: (value: unknown) => boolean, what: string): Rule =>
  value =>
    check(value) ? undefined : ` ${what}`;

const textOf = (most: number, least = 1): Rule =>
  holds(
    value => typeof value === 'string' && value.length >= least && value.length <= most,
    `must be a text of ${least} to ${most} characters`,
  );
const pattern = (form: RegExp): Rule =>
  holds(value => typeof value === 'string' && form.test(value), `must match ${form}`);
const oneOf = (...values: readonly unknown[]): Rule =>
  holds(value => values.includes(value), `must be one of ${values.join(', ')}`);
const bool = holds(value => typeof value === 'boolean', 'must be true or false');
const date = holds(
  value =>
    typeof value === 'string' &&
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(value) &&
    !Number.isNaN(Date.parse(value)),
  'must be an RFC 3339 time',
);
const url = holds(value => typeof value === 'string' && URL.canParse(value), 'must be a URL');
const nonZero = holds(value => Number.isInteger(value) && value !== 0, 'must be a number other than 0');
const emptyList = holds(value => Array.isArray(value) && value.length === 0, 'must be an empty list');

/** A field that may be left out. */
const optional =
  (rule: Rule): Rule =>
  value =>
    value == null ? undefined : rule(value);

const list =
  (rule: Rule, least = 0, most = 128): Rule =>
  value => {
    if (!Array.isArray(value) || value.length < least || value.length > most) {
      return ` must be a list of ${least} to ${most}`;
    }
    return first(value.map((item, at) => [`/${at}`, rule(item)]));
  };

const shape =
  (fields: Readonly<Record<string, Rule>>): Rule =>
  value =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? first(Object.entries(fields).map(([name, rule]) => [`/${name}`, rule((value as Fields)[name])]))
      : ' must be an object';

function first(places: readonly (readonly [string, string | undefined])[]): string | undefined {
  const broken = places.find(([, problem]) => problem !== undefined);
  return broken && `${broken[0]}${broken[1]}`;
}

const translated = shape({
  en_US: textOf(1023),
  zh_Hans: optional(textOf(1023, 0)),
  ja_JP: optional(textOf(1023, 0)),
  pt_BR: optional(textOf(1023, 0)),
});

const version = pattern(/^\d{1,4}(\.\d{1,4}){2}$/);

const manifest = shape({
  version,
  type: oneOf('plugin'),
  author: pattern(/^(?![0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$)[a-z0-9_-]{1,64}$/),
  name: pattern(/^[a-z0-9_-]{1,128}$/),
  label: translated,
  description: translated,
  icon: textOf(128),
  icon_dark: optional(textOf(128, 0)),
  created_at: date,
  privacy: optional(textOf(1023)),
  repo: optional(url),
  resource: shape({ memory: nonZero }),
  plugins: shape({
    models: list(textOf(128), 1),
    tools: optional(emptyList),
    endpoints: optional(emptyList),
    agent_strategies: optional(emptyList),
    datasources: optional(emptyList),
    triggers: optional(emptyList),
  }),
  meta: shape({
    version,
    arch: list(oneOf('amd64', 'arm64'), 1),
    runner: shape({ language: oneOf('python'), version: textOf(128), entrypoint: textOf(256) }),
    minimum_dify_version: optional(version),
  }),
  tags: optional(list(pattern(/^[a-z]+$/))),
});

const modelTypes = ['llm', 'text-embedding', 'rerank', 'speech2text', 'moderation', 'tts'];
const showOn = list(shape({ variable: textOf(255), value: textOf(255) }), 0, 16);

const formField = shape({
  variable: textOf(255),
  label: translated,
  type: oneOf('text-input', 'secret-input', 'select', 'radio', 'switch'),
  required: bool,
  default: optional(textOf(255, 0)),
  options: optional(list(shape({ label: translated, value: textOf(255), show_on: optional(showOn) }))),
  help: optional(translated),
  url: optional(textOf(1023, 0)),
  placeholder: optional(translated),
  show_on: optional(showOn),
});
const form = list(formField, 0, 32);

const provider = shape({
  // The daemon fails on a provider without this list, in words that do not name it.
  models: list(shape({ model: textOf(255) })),
  provider: textOf(255),
  label: translated,
  description: optional(translated),
  icon_small: optional(translated),
  icon_large: optional(translated),
  icon_small_dark: optional(translated),
  icon_large_dark: optional(translated),
  background: optional(textOf(1023, 0)),
  help: optional(shape({ title: translated, url: translated })),
  supported_model_types: list(oneOf(...modelTypes), 1, 16),
  configurate_methods: list(oneOf('predefined-model', 'customizable-model'), 1, 16),
  provider_credential_schema: optional(shape({ credential_form_schemas: optional(form) })),
  model_credential_schema: optional(
    shape({
      model: shape({ label: translated, placeholder: optional(translated) }),
      credential_form_schemas: optional(form),
    }),
  ),
});

const providers = list(provider, 1, 1);

/** What is wrong with a manifest; `undefined` if nothing. */
export function brokenManifest(value: unknown): string | undefined {
  return manifest(value);
}

/** What is wrong with the list of providers; `undefined` if nothing. */
export function brokenProviders(value: unknown): string | undefined {
  return providers(value);
}

/** The icons that a declaration speaks of and that did not come. */
export function missingAssets(
  manifest: unknown,
  providers: unknown,
  assets: ReadonlyMap<string, unknown>,
): readonly string[] {
  const { icon, icon_dark } = manifest as Fields;
  const [provider = {}] = providers as readonly Fields[];
  const icons = ['icon_small', 'icon_large', 'icon_small_dark', 'icon_large_dark'].flatMap(name =>
    Object.values(provider[name] ?? {}),
  );
  return [icon, icon_dark, ...icons].filter(
    (name): name is string => typeof name === 'string' && name !== '' && !assets.has(name),
  );
}
