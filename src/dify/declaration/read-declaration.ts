import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { compileSchemas } from '../schema/compile-schemas.ts';
import { explain, type Validator } from '../schema/validation.ts';
import { formProblem } from './check-form.ts';
import { type Manifest, manifestSchema } from './manifest.schemas.ts';
import { type PredefinedModel, predefinedModelSchema } from './predefined-model.schemas.ts';
import { type ModelTypeKey, type ProviderFile, positionSchema, providerSchema } from './provider.schemas.ts';

/** What the plugin tells a host about itself. */
export interface Declaration {
  readonly manifest: Manifest;
  readonly provider: Provider;
}

/** A provider as hosts want it over remote debugging: with its models, where the file names theirs. */
export interface Provider extends Omit<ProviderFile, 'models'> {
  /** The models that the plugin brings along; none where users add them all. */
  readonly models: readonly PredefinedModel[];
  /** By model type, the names of models in the order in which Dify shall list them. */
  readonly position?: Readonly<Partial<Record<ModelTypeKey, readonly string[]>>>;
}

/**
 * Reads the declaration of a plugin, and checks it by the strictest of the hosts' rules.
 * @param root the folder with `manifest.yaml`, `provider/` and `_assets/`
 * @throws Error that names the file, the place in it and the rule
 */
export function readDeclaration(root: string): Declaration {
  const manifest = read(root, 'manifest.yaml', validators.manifest);
  checkDate(manifest.created_at);
  const [providerFile = ''] = manifest.plugins.models;
  const { models, ...file } = read(root, providerFile, validators.provider);
  checkForms(file, providerFile);
  const provider: Provider = { ...file, models: readModels(root, models), ...positionOf(root, models) };
  checkModels(provider, providerFile);
  const declaration = { manifest, provider };
  for (const asset of assetsOf(declaration)) {
    if (!existsSync(join(root, '_assets', asset))) throw new Error(`The icon ${asset} is not in _assets.`);
  }
  return declaration;
}

/** The names of the files in `_assets` that a declaration speaks of, each once. */
export function assetsOf({ manifest, provider }: Declaration): readonly string[] {
  const { icon_small, icon_small_dark, icon_large, icon_large_dark } = provider;
  const icons = [icon_small, icon_small_dark, icon_large, icon_large_dark].flatMap(icon =>
    Object.values(icon ?? {}),
  );
  return [...new Set([manifest.icon, manifest.icon_dark ?? manifest.icon, ...icons])];
}

const validators = compileSchemas({
  manifest: manifestSchema,
  provider: providerSchema,
  model: predefinedModelSchema,
  position: positionSchema,
});

function read<T>(root: string, file: string, validate: Validator<T>): T {
  const value = parseYaml(readFileSync(join(root, file), 'utf8'), file);
  if (!validate(value)) throw new Error(`${file}: ${explain(validate.errors)}.`);
  return value;
}

function parseYaml(text: string, file: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    throw new Error(`${file} is not valid YAML.`, { cause: error });
  }
}

function checkDate(text: string): void {
  const date = new Date(text);
  if (Number.isNaN(date.getTime()) || date.toISOString() !== text.replace('Z', '.000Z')) {
    throw new Error('manifest.yaml: /created_at is no date.');
  }
}

function checkForms(provider: Omit<ProviderFile, 'models'>, file: string): void {
  const { configurate_methods, supported_model_types, model_credential_schema, provider_credential_schema } =
    provider;
  if (configurate_methods.includes('customizable-model') && model_credential_schema === undefined) {
    throw new Error(`${file}: /model_credential_schema is missing: users add models by it.`);
  }
  if (configurate_methods.includes('predefined-model') && provider_credential_schema === undefined) {
    throw new Error(`${file}: /provider_credential_schema is missing: predefined models have no other form.`);
  }
  const problem =
    formProblem(model_credential_schema?.credential_form_schemas ?? [], supported_model_types) ??
    formProblem(provider_credential_schema?.credential_form_schemas ?? [], undefined);
  if (problem !== undefined) throw new Error(`${file}: ${problem}.`);
}

/** In the order of their paths, as a host reads them. Files of positions are none, whatever the patterns say. */
function readModels(root: string, models: ProviderFile['models'] = {}): PredefinedModel[] {
  const patterns = Object.values(models).flatMap(({ predefined }) => predefined ?? []);
  const files = globSync(patterns, { cwd: root }).filter(file => !file.endsWith('_position.yaml'));
  return files.sort().map(file => {
    const model = read(root, file, validators.model);
    const bare = model.parameter_rules?.find(
      rule => rule.use_template === undefined && !(rule.label && rule.type),
    );
    if (bare === undefined) return { ...model, fetch_from: 'predefined-model' };
    throw new Error(
      `${file}: the parameter ${bare.name} needs a label and a type, or a template that has them.`,
    );
  });
}

function positionOf(root: string, models: ProviderFile['models'] = {}): Pick<Provider, 'position'> {
  const files = Object.entries(models).filter(([, { position }]) => position !== undefined);
  if (files.length === 0) return {};
  const entryOf = ([type, { position = '' }]: (typeof files)[number]) => [
    type,
    read(root, position, validators.position),
  ];
  return { position: Object.fromEntries(files.map(entryOf)) };
}

function checkModels(
  { models, configurate_methods, supported_model_types, position }: Provider,
  file: string,
): void {
  if (models.length > 0 && !configurate_methods.includes('predefined-model')) {
    throw new Error(`${file}: it has models, but /configurate_methods lacks predefined-model.`);
  }
  const seen = new Set<string>();
  for (const { model, model_type } of models) {
    if (!supported_model_types.includes(model_type)) {
      throw new Error(
        `${file}: the model ${model} is of the type ${model_type}, which the provider does not have.`,
      );
    }
    const name = `${model_type} ${model}`;
    if (seen.has(name)) throw new Error(`${file}: the model ${name} is there twice.`);
    seen.add(name);
  }
  for (const [type, names] of Object.entries(position ?? {})) {
    const unknown = names.find(name => !seen.has(`${type.replace('_', '-')} ${name}`));
    if (unknown !== undefined)
      throw new Error(`${file}: /models/${type}/position lists ${unknown}, which is no model.`);
  }
}
