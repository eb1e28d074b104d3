import type { ModelType } from '../../dify/protocol/requests.schemas.ts';
import { type Fields, isObject } from '../../text/json.ts';
import { PLUGIN, PROVIDER, PROVIDER_NAME } from '../own-plugin.ts';
import { type DifyEntry, keyOf, type NamedModel } from '../plan/entry.ts';
import type { ConsoleClient } from './console-client.ts';
import { ConsoleError } from './errors.ts';
import { fieldsIn, namedModels, objectsIn, type ProviderAnswer, readProvider } from './provider-answer.ts';

/** The default model of a workspace for one type. */
export interface DefaultModel {
  readonly name: string;
  /** Such as `langgenius/openai/openai`. */
  readonly provider: string;
}

const PROVIDERS = '/workspaces/current/model-providers';
const MODELS = `${PROVIDERS}/${PROVIDER}/models`;
const DEFAULT = '/workspaces/current/default-model';

/** The models of this plugin in the workspace of a Dify. */
export class PluginModels {
  readonly #client: ConsoleClient;
  readonly #provider: ProviderAnswer;

  private constructor(client: ConsoleClient, provider: ProviderAnswer) {
    this.#client = client;
    this.#provider = provider;
  }

  /** The variables of the form whose values Dify hides. */
  get secretFields(): ReadonlySet<string> {
    return this.#provider.secretFields;
  }

  /** @throws ConsoleError, one of them that says how to install the plugin where it is not */
  static async find(client: ConsoleClient): Promise<PluginModels> {
    const { data } = (await client.ask({ method: 'GET', path: PROVIDERS })).fields;
    const providers = objectsIn(data);
    const found = providers.find(entry => entry['provider'] === PROVIDER);
    if (found !== undefined) return new PluginModels(client, readProvider(found));
    const others = providers
      .map(entry => String(entry['provider']))
      .filter(id => id.split('/').at(-1) === PROVIDER_NAME);
    const other = others.length === 0 ? '' : ` What is there is another plugin: ${others.join(', ')}.`;
    throw new ConsoleError(
      'plugin-missing',
      `The plugin ${PLUGIN} is not installed in this workspace of Dify.${other} ` +
        'Install it: Plugins → Install plugin → Local package file, and its package.',
    );
  }

  /**
   * All forms that are there.
   * @param wanted also looked for by name in a Dify before 1.8, which does not list a model whose server is away
   * @throws ConsoleError
   */
  async entries(wanted: readonly NamedModel[]): Promise<DifyEntry[]> {
    const { models } = this.#provider;
    const listed = models ?? (await this.#list());
    const isListed = new Set(listed.map(keyOf));
    const others = models === undefined ? wanted.filter(model => !isListed.has(keyOf(model))) : [];
    const entries: DifyEntry[] = [];
    for (const model of listed) entries.push(...(await this.#entriesOf(model, true)));
    for (const model of others) entries.push(...(await this.#entriesOf(model, false)));
    return entries;
  }

  /** Adds a model, after Dify has let the plugin check its form. @throws ConsoleError */
  async add({ name, modelType }: NamedModel, credentials: object): Promise<void> {
    const body = { model: name, model_type: modelType, credentials };
    // Since 1.8 a model may have several forms.
    const path = this.#provider.models === undefined ? MODELS : `${MODELS}/credentials`;
    // 1.8.0 wants a name, and one that no other form of the model has; it does not list those that it keeps unused.
    const title = `import of ${new Date().toISOString().slice(0, 19)}`;
    const named = this.#client.version?.startsWith('1.8.0') ? { ...body, name: title } : body;
    await this.#client.ask({ method: 'POST', path, body: named, asksPlugin: true });
  }

  /** Puts a model back into use, with a form that was kept. @throws ConsoleError */
  async relist({ name, modelType }: NamedModel, credentialId: string): Promise<void> {
    const body = { model: name, model_type: modelType, credential_id: credentialId };
    await this.#client.ask({ method: 'POST', path: `${MODELS}/credentials/switch`, body });
  }

  /** Writes a form that is there anew. @throws ConsoleError */
  async update(model: NamedModel, credentialId: string | null, credentials: object): Promise<void> {
    const body = { model: model.name, model_type: model.modelType, credentials };
    await this.#client.ask(
      credentialId === null
        ? { method: 'POST', path: MODELS, body, asksPlugin: true }
        : {
            method: 'PUT',
            path: `${MODELS}/credentials`,
            body: { ...body, credential_id: credentialId, name: this.#formsOf(model).get(credentialId) },
            asksPlugin: true,
          },
    );
  }

  /** Takes a form away, and its model where it was the last one. @throws ConsoleError */
  async remove({ name, modelType }: NamedModel, credentialId: string | null): Promise<void> {
    const body = { model: name, model_type: modelType };
    await this.#client.ask(
      credentialId === null
        ? { method: 'DELETE', path: MODELS, body }
        : {
            method: 'DELETE',
            path: `${MODELS}/credentials`,
            body: { ...body, credential_id: credentialId },
          },
    );
  }

  /**
   * The workspace's default model of a type; undefined where there is none, and where Dify refuses to tell it, which it does
   * once the plugin of that model is not installed any more.
   * @throws ConsoleError
   */
  async defaultOf(modelType: ModelType): Promise<DefaultModel | undefined> {
    const query = { model_type: modelType };
    const request = { method: 'GET', path: DEFAULT, query, asksPlugin: true } as const;
    const { data } = await this.#client.ask(request).then(
      ({ fields }) => fields,
      (error: unknown): Fields => {
        if (error instanceof ConsoleError && error.problem === 'refused') return {};
        throw error;
      },
    );
    if (!isObject(data) || typeof data['model'] !== 'string') return undefined;
    return { name: data['model'], provider: String(fieldsIn(data, 'provider')['provider'] ?? '') };
  }

  /** Makes a model of this plugin the workspace's default of its type. @throws ConsoleError */
  async setDefault({ name, modelType }: NamedModel): Promise<void> {
    const setting = { model_type: modelType, provider: PROVIDER, model: name };
    const body = { model_settings: [setting] };
    await this.#client.ask({ method: 'POST', path: DEFAULT, body, asksPlugin: true });
  }

  /** As a Dify lists them that does not with the provider: without those whose schema fails. */
  async #list(): Promise<NamedModel[]> {
    const { data } = (await this.#client.ask({ method: 'GET', path: MODELS, asksPlugin: true })).fields;
    return namedModels(objectsIn(data).filter(model => model['fetch_from'] !== 'predefined-model'));
  }

  /**
   * Where Dify does not give the forms out, as after a change of its `SECRET_KEY`, the model's name still counts.
   * @param isListed whether the model is known to be there
   */
  async #entriesOf(model: NamedModel, isListed: boolean): Promise<DifyEntry[]> {
    try {
      return await this.#read(model);
    } catch (error) {
      if (!(error instanceof ConsoleError) || error.isFatal || error.problem === 'no-answer') throw error;
      const isUnknown = !isListed && error.problem === 'refused' && error.status === 400;
      return isUnknown ? [] : [{ ...this.#entry(model, null, {}), unread: error.message }];
    }
  }

  async #read(model: NamedModel): Promise<DifyEntry[]> {
    const current = await this.#form(model, {});
    const currentId = textIn(current, 'current_credential_id');
    const hasId = 'current_credential_id' in current;
    // What a form held that is deleted by now Dify still tells, without an id.
    const entries = hasId && currentId === null ? [] : [this.#entry(model, currentId, current)];
    for (const id of this.#formsOf(model).keys()) {
      if (id === currentId) continue;
      entries.push(this.#entry(model, id, await this.#form(model, { credential_id: id })));
    }
    return entries.filter(({ credentials }) => Object.keys(credentials).length > 0);
  }

  /** The names of its forms by id, as the list of providers tells them: what a form tells of others is empty in 1.11.0. */
  #formsOf(model: NamedModel): ReadonlyMap<string, string> {
    return this.#provider.forms.get(keyOf(model)) ?? new Map();
  }

  async #form({ name, modelType }: NamedModel, which: Readonly<Record<string, string>>): Promise<Fields> {
    const query = { model: name, model_type: modelType, config_from: 'custom-model', ...which };
    return (await this.#client.ask({ method: 'GET', path: `${MODELS}/credentials`, query })).fields;
  }

  #entry(model: NamedModel, credentialId: string | null, form: Fields): DifyEntry {
    const isUsed = !this.#provider.unused.has(keyOf(model));
    return { ...model, credentialId, credentials: fieldsIn(form, 'credentials'), isUsed, unread: null };
  }
}

function textIn(fields: Fields, name: string): string | null {
  const value = fields[name];
  return typeof value === 'string' && value !== '' ? value : null;
}
