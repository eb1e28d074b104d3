import { declarationOf } from '../../../src/dify/declaration/declaration.ts';
import { type Answer, forbidden, invalid, notAllowed, ok, refusal } from './answers.ts';
import { checkedForm, keyOf, obfuscated, PROVIDER, type StoredForm, type Workspace } from './workspace.ts';

const declaration = declarationOf(`${import.meta.dirname}/../../..`);

type Fields = Readonly<Record<string, unknown>>;

/** A question of somebody who is logged in. */
export interface Question {
  readonly method: string;
  /** Below `/console/api/workspaces/current`, decoded. */
  readonly path: string;
  /** The body of a write, or the query of a read. */
  readonly fields: Fields;
}

export interface RouteOptions {
  readonly workspace: Workspace;
  /** Since 1.8: several forms a model, each under an id. */
  readonly hasIds: boolean;
  /** 1.8.0: no form is saved without a name, and models that are not used are not listed. */
  readonly wantsNames: boolean;
  /** 1.11.0: a form does not tell which others its model has. */
  readonly hidesOthers: boolean;
  /** An owner or administrator. */
  readonly mayWrite: boolean;
  readonly isInstalled: boolean;
  /** The plugin's check of a form: what it says against it; undefined when it has nothing to say. */
  readonly check: (
    modelType: string,
    credentials: Fields,
  ) => Promise<string | undefined> | string | undefined;
}

const MODELS = `/model-providers/${PROVIDER}/models`;
const done = { result: 'success' };

/** The answers of Dify 1.13.2, and those of 1.4.2 where it has no ids. */
export async function answerTo(question: Question, options: RouteOptions): Promise<Answer> {
  const { method, path, fields } = question;
  if (path === '/model-providers' && method === 'GET') return ok({ data: providers(options) });
  if (path === '/default-model')
    return method === 'GET' ? defaultModel(fields, options) : setDefault(fields, options);
  if (!path.startsWith(MODELS))
    return refusal(404, 'not_found', 'The requested URL was not found on the server.');
  if (!options.isInstalled) return invalid(`Provider ${PROVIDER} does not exist.`);
  if (method !== 'GET' && !options.mayWrite) return forbidden;
  switch (`${method} ${path.slice(MODELS.length)}`) {
    case 'GET ':
      return ok({ data: listed(options.workspace) });
    case 'GET /credentials':
      return options.hasIds ? form(fields, options) : oldForm(fields, options);
    case 'POST /credentials':
      // Before 1.8 a provider's own form is saved by a POST below the list, and all that follows is taken for its id.
      return options.hasIds
        ? save(fields, options)
        : invalid(`Provider ${PROVIDER}/models/credentials does not exist.`);
    case 'PUT /credentials':
      return options.hasIds ? save(fields, options, byId(fields, options)) : notAllowed();
    case 'DELETE /credentials':
      return options.hasIds ? remove(byId(fields, options), options) : notAllowed();
    case 'POST /credentials/switch':
      return relist(fields, options);
    case 'POST ':
      return options.hasIds ? ok(done) : save(fields, options, options.workspace.activeForm(modelIn(fields)));
    case 'DELETE ':
      return remove(options.workspace.activeForm(modelIn(fields)), options);
    default:
      return notAllowed();
  }
}

function providers({ workspace, hasIds, wantsNames, isInstalled }: RouteOptions): unknown[] {
  const known = workspace.models.filter(model => !wantsNames || workspace.active.has(keyOf(model)));
  const custom = known.map(model => ({
    model: model.name,
    model_type: model.modelType,
    credentials: null,
    current_credential_id: workspace.active.get(keyOf(model)) ?? null,
    current_credential_name: workspace.activeForm(model)?.title ?? null,
    available_model_credentials: available(model, workspace),
    unadded_to_model_list: !workspace.active.has(keyOf(model)),
  }));
  const own = {
    provider: PROVIDER,
    model_credential_schema: declaration.provider.model_credential_schema,
    configurate_methods: ['customizable-model'],
    custom_configuration: {
      status: custom.length === 0 ? 'no-configure' : 'active',
      ...(hasIds && { custom_models: custom, can_added_models: [] }),
    },
  };
  const official = {
    ...own,
    provider: 'langgenius/xinference/xinference',
    custom_configuration: { status: 'no-configure' },
  };
  return [official, ...(isInstalled ? [own] : [])];
}

function listed(workspace: Workspace): unknown[] {
  return workspace.models
    .filter(model => workspace.active.has(keyOf(model)) && !workspace.broken.has(keyOf(model)))
    .map(({ name, modelType }) => ({
      model: name,
      label: { en_US: name, zh_Hans: name },
      model_type: modelType,
      fetch_from: 'customizable-model',
      status: 'active',
    }));
}

function form(fields: Fields, options: RouteOptions): Answer {
  const { workspace } = options;
  const id = fields['credential_id'];
  const found = typeof id === 'string' ? byId(fields, options) : workspace.activeForm(modelIn(fields));
  if (typeof id === 'string' && found === undefined) return invalid(`Credential with id ${id} not found.`);
  return ok({
    credentials: obfuscated(found?.credentials ?? workspace.deleted.get(keyOf(modelIn(fields))) ?? {}),
    current_credential_id: found?.id ?? null,
    current_credential_name: found?.title ?? null,
    load_balancing: { enabled: false, configs: [] },
    available_credentials: options.hidesOthers ? [] : available(modelIn(fields), workspace),
  });
}

function oldForm(fields: Fields, { workspace }: RouteOptions): Answer {
  const found = workspace.activeForm(modelIn(fields));
  return ok({
    credentials: found === undefined ? null : obfuscated(found.credentials),
    load_balancing: { enabled: false, configs: [] },
  });
}

function available(model: Pick<StoredForm, 'name' | 'modelType'>, workspace: Workspace): unknown[] {
  return workspace.formsOf(model).map(({ id, title }) => ({ credential_id: id, credential_name: title }));
}

/** @param stored what is written anew; undefined: a new form */
async function save(
  fields: Fields,
  { workspace, hasIds, wantsNames, check }: RouteOptions,
  stored?: StoredForm,
): Promise<Answer> {
  const model = modelIn(fields);
  const sent = (fields['credentials'] ?? {}) as Record<string, unknown>;
  if ('credential_id' in fields && stored === undefined) return invalid('Credential record not found.');
  const { name: title } = fields;
  if (wantsNames && typeof title !== 'string') {
    const message = 'Missing required parameter in the JSON body';
    return { status: 400, body: { code: 'invalid_param', message, params: 'name' } };
  }
  if (workspace.formsOf(model).some(form => form !== stored && form.title === title)) {
    return invalid(`Model credential with name '${title}' already exists for ${model.name}.`);
  }
  if (typeof title === 'string' && title.length > 30) return invalid('name cannot exceed length 30');
  const checked = checkedForm(sent, model.modelType, stored?.credentials);
  if (typeof checked === 'string') return invalid(checked);
  const said = await check(model.modelType, checked);
  if (said !== undefined) return invalid(said);
  if (stored === undefined) workspace.add({ ...model, credentials: checked });
  else {
    stored.credentials = checked;
    if (typeof title === 'string') stored.title = title;
  }
  return ok(done, hasIds && stored === undefined ? 201 : 200);
}

function remove(stored: StoredForm | undefined, { workspace }: RouteOptions): Answer {
  if (stored === undefined) return invalid('Credential record not found.');
  workspace.remove(stored);
  return ok(done, 204);
}

function relist(fields: Fields, options: RouteOptions): Answer {
  const found = byId(fields, options);
  if (found === undefined) return invalid('Credential record not found.');
  options.workspace.active.set(keyOf(found), found.id);
  return ok(done);
}

/** Where there is none, the first model of the type becomes it as soon as somebody asks. */
function defaultModel({ model_type: modelType }: Fields, { workspace }: RouteOptions): Answer {
  const first = workspace.models.find(
    model => model.modelType === modelType && workspace.active.has(keyOf(model)),
  );
  const found =
    workspace.defaults.get(String(modelType)) ?? (first && { model: first.name, provider: PROVIDER });
  if (found === undefined) return ok({ data: null });
  workspace.defaults.set(String(modelType), found);
  return ok({
    data: { model: found.model, model_type: modelType, provider: { provider: found.provider } },
  });
}

function setDefault({ model_settings: settings }: Fields, { workspace, mayWrite }: RouteOptions): Answer {
  if (!mayWrite) return forbidden;
  for (const setting of settings as { model_type: string; model: string; provider: string }[]) {
    const { model, model_type: modelType, provider } = setting;
    if (!workspace.active.has(keyOf({ name: model, modelType })))
      return invalid(`Model ${model} does not exist.`);
    workspace.defaults.set(modelType, { model, provider });
  }
  return ok(done);
}

function byId(fields: Fields, { workspace }: RouteOptions): StoredForm | undefined {
  return workspace.formsOf(modelIn(fields)).find(({ id }) => id === fields['credential_id']);
}

function modelIn({ model, model_type: modelType }: Fields): { name: string; modelType: string } {
  return { name: String(model), modelType: String(modelType) };
}
