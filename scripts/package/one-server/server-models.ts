import { modelTypesOf } from '../../../models/common/model-types.ts';
import type { ModelSchema, ModelType } from '../../../src/dify/index.ts';
import { examineServer } from '../../../src/doctor/examine/examine-server.ts';
import { surroundingsOf } from '../../../src/doctor/examine/surroundings.ts';
import { withExaminer } from '../../../src/doctor/examine/with-examiner.ts';

/** A model of a server, as the plugin describes it to Dify. */
export interface ServerModel {
  readonly modelType: ModelType;
  readonly schema: ModelSchema;
}

/** A server, and what Dify can use of it. */
export interface ServerModels {
  /** Without what a form drops: `/v1` and slashes at its end. */
  readonly url: string;
  readonly models: readonly ServerModel[];
}

const TIMEOUT_SECONDS = '60';

/**
 * What the plugin itself answers when Dify asks it for the schema of each model of a server.
 * @throws Error in the doctor's words when the server cannot be used, and when it has no model for Dify
 */
export async function serverModels(server: string, apiKey: string): Promise<ServerModels> {
  const target = { server, apiKey, timeout: TIMEOUT_SECONDS, verifyTls: true };
  return await withExaminer(target, surroundingsOf(), async examiner => {
    const examined = await examineServer(examiner);
    if (examined.problem !== null) throw new Error(examined.problem.message);
    const models: ServerModel[] = [];
    for (const { uid, description } of examined.models) {
      for (const modelType of modelTypesOf(description)) {
        const request = { model: uid, model_type: modelType, credentials: examiner.credentials };
        const answer = await examiner.host.askOnce('get_ai_model_schemas', request);
        models.push({ modelType, schema: (answer as { model_schema: ModelSchema }).model_schema });
      }
    }
    if (models.length === 0) throw new Error(`${examiner.server.url} runs no model that Dify can use.`);
    return { url: examiner.server.url, models };
  });
}
