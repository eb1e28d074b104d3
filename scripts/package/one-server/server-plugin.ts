import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Document, parseDocument, stringify } from 'yaml';
import type { ModelTypeKey, ProviderFile } from '../../../src/dify/declaration/provider.schemas.ts';
import { type Plugin, readPlugin } from '../../plugin.ts';
import type { ServerModel, ServerModels } from './server-models.ts';

/** What is typed once for all models of the server, out of the form of a model. */
const SERVER_FIELDS = ['server_url', 'api_key', 'invoke_timeout', 'max_retries', 'tls_verify'];
/** What ships as it is. */
const UNCHANGED = ['_assets', 'readme', 'README.md', 'PRIVACY.md', 'CHANGELOG.md', 'LICENSE'];

/**
 * A plugin with the program of another one, and the models of one server: it has a name of its own, so that both can be
 * installed. An administrator types the address and the key once.
 * @param folder for its files; emptied first
 * @throws Error when a model cannot be declared
 */
export function serverPlugin(plugin: Plugin, { url, models }: ServerModels, folder: string): Plugin {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, 'provider'), { recursive: true });
  for (const path of UNCHANGED.filter(name => existsSync(join(plugin.root, name))))
    cpSync(join(plugin.root, path), join(folder, path), { recursive: true });
  const [providerFile = ''] = plugin.declaration.manifest.plugins.models;
  writeFileSync(
    join(folder, 'manifest.yaml'),
    nameAfter(readYaml(plugin.root, 'manifest.yaml'), url).toString(),
  );
  const provider = readYaml(plugin.root, providerFile).toJS() as ProviderFile;
  writeFileSync(join(folder, providerFile), yamlOf(bringAlong(provider, url, models)));
  for (const [index, model] of models.entries()) writeModel(folder, model, index + 1);
  return { ...readPlugin(folder, plugin.entry), name: plugin.name };
}

/** The server's name as a part of names: its host, with a dash for what is neither letter nor digit. */
export function hostSlug(url: string): string {
  return new URL(url).hostname.toLowerCase().replaceAll(/[^a-z0-9]/g, '-');
}

function nameAfter(manifest: Document, url: string): Document {
  manifest.set('name', `${manifest.get('name')}-${hostSlug(url)}`);
  manifest.set('label', labelAfter((manifest.toJS() as { label: Label }).label, url));
  return manifest;
}

function labelAfter(label: Label, url: string): Label {
  const { hostname } = new URL(url);
  return Object.fromEntries(
    Object.entries(label).map(([language, text]) => [language, `${text} (${hostname})`]),
  );
}

type Label = Readonly<Record<string, string>>;

function bringAlong(provider: ProviderFile, url: string, models: readonly ServerModel[]) {
  const fields = provider.model_credential_schema?.credential_form_schemas ?? [];
  const typedOnce = fields.filter(({ variable }) => SERVER_FIELDS.includes(variable));
  const types = new Set(models.map(({ modelType }) => keyOf(modelType)));
  return {
    ...provider,
    label: labelAfter(provider.label, url),
    configurate_methods: ['predefined-model', 'customizable-model'],
    provider_credential_schema: {
      credential_form_schemas: typedOnce.map(field =>
        field.variable === 'server_url' ? { ...field, default: url } : field,
      ),
    },
    models: Object.fromEntries([...types].map(type => [type, { predefined: [`models/${type}/*.yaml`] }])),
  };
}

function writeModel(folder: string, { modelType, schema }: ServerModel, number: number): void {
  const { fetch_from: _, ...declared } = schema;
  const name = schema.model.replaceAll(/[^\w.-]+/g, '-').slice(0, 60);
  const file = `models/${keyOf(modelType)}/${String(number).padStart(3, '0')}-${name}.yaml`;
  mkdirSync(join(folder, file, '..'), { recursive: true });
  writeFileSync(join(folder, file), yamlOf(declared));
}

/** A model type as a key of `models`. */
function keyOf(modelType: string): ModelTypeKey {
  return modelType.replaceAll('-', '_') as ModelTypeKey;
}

function readYaml(folder: string, file: string): Document {
  return parseDocument(readFileSync(join(folder, file), 'utf8'));
}

/** With quotes around every text: `yes` is none in YAML 1.1, which not all who read it have left behind. */
function yamlOf(value: unknown): string {
  const style = { defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN', lineWidth: 0 } as const;
  return stringify(value, { ...style, aliasDuplicateObjects: false });
}
