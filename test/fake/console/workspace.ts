import { randomUUID } from 'node:crypto';
import { declarationOf } from '../../../src/dify/declaration/declaration.ts';
import { modelFormOf } from '../../../src/dify/declaration/model-form.ts';

const declaration = declarationOf(`${import.meta.dirname}/../../..`);

const { manifest, provider } = declaration;
export const PROVIDER = `${manifest.author}/${manifest.name}/${provider.provider}`;

type Credentials = Record<string, unknown>;

/** A form of a model. */
export interface StoredForm {
  readonly id: string;
  readonly name: string;
  readonly modelType: string;
  /** What Dify shows where one of a model's forms is chosen. */
  title: string;
  credentials: Credentials;
}

/** A model to begin with. */
export interface Seed {
  readonly name: string;
  readonly modelType: string;
  readonly credentials: Credentials;
  readonly title?: string;
  /** It was taken out of the list of models, and its form was kept. */
  readonly isUnlisted?: boolean;
  /** The plugin's schema of it fails, so that lists of models leave it out. */
  readonly isBroken?: boolean;
}

/** The models of a workspace, and the rules by which Dify keeps them. */
export class Workspace {
  readonly forms: StoredForm[] = [];
  /** The form in use, by model; undefined where it was deleted and others are left. */
  readonly active = new Map<string, string | undefined>();
  /** What such a form held, which Dify goes on telling from a cache. */
  readonly deleted = new Map<string, Credentials>();
  readonly broken = new Set<string>();
  readonly defaults = new Map<string, { model: string; provider: string }>();

  constructor(seeds: readonly Seed[]) {
    for (const seed of seeds) {
      const key = keyOf(seed);
      const { id } = this.#push(seed);
      if (seed.isUnlisted !== true && !this.active.has(key)) this.active.set(key, id);
      if (seed.isBroken === true) this.broken.add(key);
    }
  }

  formsOf(model: Pick<StoredForm, 'name' | 'modelType'>): StoredForm[] {
    return this.forms.filter(form => keyOf(form) === keyOf(model));
  }

  activeForm(model: Pick<StoredForm, 'name' | 'modelType'>): StoredForm | undefined {
    return this.forms.find(({ id }) => id === this.active.get(keyOf(model)));
  }

  /** Each name and type once. */
  get models(): StoredForm[] {
    return [...new Map(this.forms.map(form => [keyOf(form), form])).values()];
  }

  add(model: Seed): void {
    const { id } = this.#push(model);
    if (!this.active.has(keyOf(model))) this.active.set(keyOf(model), id);
  }

  remove(form: StoredForm): void {
    this.forms.splice(this.forms.indexOf(form), 1);
    if (this.active.get(keyOf(form)) !== form.id) return;
    if (this.formsOf(form).length === 0) this.active.delete(keyOf(form));
    else {
      this.active.set(keyOf(form), undefined);
      this.deleted.set(keyOf(form), form.credentials);
    }
  }

  #push({ name, modelType, credentials, title }: Seed): StoredForm {
    const given = `API KEY ${this.formsOf({ name, modelType }).length + 1}`;
    const form = {
      id: randomUUID(),
      name,
      modelType,
      title: title ?? given,
      credentials: { ...credentials },
    };
    this.forms.push(form);
    return form;
  }
}

export function keyOf({ name, modelType }: Pick<StoredForm, 'name' | 'modelType'>): string {
  return `${modelType} ${name}`;
}

const fields = modelFormOf(declaration).credential_form_schemas;
const secrets = new Set(fields.filter(({ type }) => type === 'secret-input').map(field => field.variable));

/**
 * What Dify makes of a form before it asks the plugin: required fields must be there, defaults are filled in, and what
 * the form does not have is dropped. A value that stands for the secret that is stored becomes that.
 * @returns a text for what is wrong
 */
export function checkedForm(
  sent: Credentials,
  modelType: string,
  stored: Credentials = {},
): Credentials | string {
  const checked: Credentials = {};
  for (const { variable, required, default: value, show_on } of fields) {
    if (show_on?.some(condition => condition.value !== modelType)) continue;
    const typed =
      sent[variable] === '[__HIDDEN__]' && secrets.has(variable) ? stored[variable] : sent[variable];
    if (!typed) {
      if (required) return `Variable ${variable} is required`;
      if (value !== undefined) checked[variable] = value;
    } else if (typeof typed !== 'string') return `Variable ${variable} should be string`;
    else checked[variable] = typed;
  }
  return checked;
}

/** As Dify gives a form out. */
export function obfuscated(credentials: Credentials): Credentials {
  return Object.fromEntries(
    Object.entries(credentials).map(([variable, value]) => [
      variable,
      secrets.has(variable) && typeof value === 'string' ? obfuscatedToken(value) : value,
    ]),
  );
}

function obfuscatedToken(token: string): string {
  if (token === '') return '';
  return token.length <= 8 ? '*'.repeat(20) : `${token.slice(0, 6)}${'*'.repeat(12)}${token.slice(-2)}`;
}
