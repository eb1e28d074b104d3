import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { compileSchemas } from '../schema/compile-schemas.ts';
import { explain, type Validator } from '../schema/validation.ts';
import {
  type FormField,
  type Manifest,
  manifestSchema,
  type Provider,
  providerSchema,
} from './declaration.schemas.ts';

/** What the plugin tells a host about itself. */
export interface Declaration {
  readonly manifest: Manifest;
  /** As hosts want it over remote debugging: `models` must be there. It is empty, because users add the models. */
  readonly provider: Provider & { readonly models: readonly [] };
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
  const provider = read(root, providerFile, validators.provider);
  checkForm(provider, providerFile);
  const declaration: Declaration = { manifest, provider: { ...provider, models: [] } };
  for (const asset of assetsOf(declaration)) {
    if (!existsSync(join(root, '_assets', asset))) throw new Error(`The icon ${asset} is not in _assets.`);
  }
  return declaration;
}

/** The names of the files in `_assets` that a declaration speaks of, each once. */
export function assetsOf({ manifest, provider }: Declaration): readonly string[] {
  const { icon_small, icon_small_dark, icon_large, icon_large_dark } = provider;
  const icons = [icon_small, icon_small_dark, icon_large, icon_large_dark].flatMap(icon =>
    Object.values(icon),
  );
  return [...new Set([manifest.icon, manifest.icon_dark, ...icons])];
}

const validators = compileSchemas({ manifest: manifestSchema, provider: providerSchema });

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

function checkForm(provider: Provider, file: string): void {
  const fields = provider.model_credential_schema.credential_form_schemas;
  for (const field of fields) {
    const problem = problemOf(field, provider);
    if (problem !== undefined) throw new Error(`${file}: the field ${field.variable} ${problem}.`);
  }
  for (const modelType of provider.supported_model_types) {
    const shown = fields.filter(field => isShown(field, modelType)).map(field => field.variable);
    const twice = shown.find((variable, at) => shown.indexOf(variable) !== at);
    if (twice !== undefined) throw new Error(`${file}: the field ${twice} is there twice for ${modelType}.`);
  }
}

function problemOf(field: FormField, provider: Provider): string | undefined {
  const options = field.options?.map(option => option.value);
  const isChoice = field.type === 'select' || field.type === 'radio';
  if (isChoice && options === undefined) return 'has no options';
  if (!isChoice && options !== undefined) return `has options, but is a ${field.type}`;
  if (field.default !== undefined && options?.includes(field.default) === false) {
    return 'has a default that is none of its options';
  }
  if (!provider.supported_model_types.some(modelType => isShown(field, modelType))) {
    return 'is for a model type that the provider does not have';
  }
  return undefined;
}

function isShown(field: FormField, modelType: string): boolean {
  return field.show_on?.every(condition => condition.value === modelType) ?? true;
}
