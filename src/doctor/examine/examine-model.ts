import { modelTypesOf, TYPE_NAMES } from '../../../models/common/model-types.ts';
import { PluginError } from '../../dify/in-process-host.ts';
import type { ModelSchema, ModelType } from '../../dify/index.ts';
import type { ListedModel } from '../../xinference/description.ts';
import { errorsOf, type ModelInstance, readyReplicas } from '../../xinference/instances.ts';
import type { DifyModel, ModelReport, ServerReport } from '../report/report.ts';
import { shown } from '../report/shown.ts';
import { tryModel } from '../trial/trials.ts';
import type { Examiner } from './examiner.ts';
import { formFor } from './form.ts';

/** What one model is, what Dify makes of it, and what to type for it. */
export async function examineModel(
  examiner: Examiner,
  { uid, description }: ListedModel,
  instances: readonly ModelInstance[] | undefined,
  facts: { server: ServerReport; try: boolean; onStep: (step: string) => void },
): Promise<ModelReport> {
  const instance = instances?.find(candidate => candidate.uid === uid);
  const dify: DifyModel[] = [];
  for (const modelType of modelTypesOf(description)) {
    facts.onStep(`${examiner.server.gate.quote(uid)}: asking what Dify makes of it`);
    const seen = await asDify(examiner, uid, modelType);
    const form = formFor(modelType, {
      uid,
      description,
      properties: seen.properties,
      serverUrl: facts.server.urlForDify,
      needsKey: examiner.server.apiKey !== undefined && facts.server.asksForKey !== false,
      verifyTls: examiner.server.verifyTls,
    });
    let trial: DifyModel['trial'] = null;
    if (facts.try && seen.refusal === null) {
      facts.onStep(`${examiner.server.gate.quote(uid)}: trying it as ${TYPE_NAMES[modelType]}`);
      trial = await tryModel(examiner.host, requestOf(examiner, uid, modelType), description.dimensions);
    }
    dify.push({ modelType, ...seen, form, trial });
  }
  const report: ModelReport = {
    uid,
    type: description.modelType,
    name: description.name ?? null,
    engine: description.engine ?? null,
    abilities: description.abilities ?? [],
    context: description.contextLength ?? description.maxTokens ?? null,
    dimensions: description.dimensions ?? null,
    replicas: {
      wanted: description.replicas ?? null,
      ready: readyReplicas(instance, description.replicas) ?? null,
      errors: errorsOf(instance),
    },
    dify,
  };
  return shown(report, examiner.server.gate);
}

/** What Dify sees when the form is saved, and when the model is shown. */
async function asDify(
  examiner: Examiner,
  uid: string,
  modelType: ModelType,
): Promise<Pick<DifyModel, 'refusal' | 'features' | 'properties' | 'parameters'>> {
  const request = requestOf(examiner, uid, modelType);
  try {
    await examiner.host.askOnce('validate_model_credentials', request);
    const answer = await examiner.host.askOnce('get_ai_model_schemas', request);
    const { model_schema: schema } = answer as { model_schema: ModelSchema };
    return {
      refusal: null,
      features: schema.features,
      properties: schema.model_properties,
      parameters: schema.parameter_rules.map(({ name }) => name),
    };
  } catch (error) {
    if (!(error instanceof PluginError)) throw error;
    return { refusal: error.message, features: [], properties: {}, parameters: [] };
  }
}

function requestOf({ credentials }: Examiner, uid: string, modelType: ModelType) {
  return { model: uid, model_type: modelType, credentials: { ...credentials, model_uid: uid } };
}
