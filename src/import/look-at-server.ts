import { InvalidCredentialsError } from '../../models/common/credentials.ts';
import type { ModelType } from '../dify/protocol/requests.schemas.ts';
import { examineModel } from '../doctor/examine/examine-model.ts';
import { examineServer, launchesOf } from '../doctor/examine/examine-server.ts';
import type { Surroundings } from '../doctor/examine/surroundings.ts';
import { withExaminer } from '../doctor/examine/with-examiner.ts';
import type { LaunchReport, ModelReport, Problem, ServerReport } from '../doctor/report/report.ts';
import type { ImportOptions } from './options.ts';
import type { FormValues, ServerModel } from './plan/entry.ts';
import { newForm } from './plan/form-values.ts';
import type { UnsupportedModel } from './report.ts';

/** A server that can be used, and what it has for Dify. */
export interface ServerLook {
  readonly problem: null;
  readonly server: ServerReport;
  /** The UIDs of all models that run. */
  readonly running: readonly string[];
  readonly launching: readonly LaunchReport[];
  /** Those that were asked for, each once for each of its types. */
  readonly models: readonly ServerModel[];
  /** Those that were asked for, and that Dify has no type for: they make images, say. */
  readonly unsupported: readonly UnsupportedModel[];
  /** What of the form the command line says, but for the key. */
  readonly given: FormValues;
}

const TIMEOUT_SECONDS = '60';

/** Looks at a server as the doctor does. @param onStep is told what is being waited for */
export async function lookAtServer(
  options: ImportOptions,
  surroundings: Surroundings,
  onStep: (step: string) => void,
): Promise<ServerLook | { readonly problem: Problem }> {
  const { server, apiKey = '', timeout = TIMEOUT_SECONDS, verifyTls, only, types } = options;
  try {
    return await withExaminer({ server, apiKey, timeout, verifyTls }, surroundings, async examiner => {
      onStep(`asking ${examiner.server.url}`);
      const examined = await examineServer(examiner);
      if (examined.problem !== null) return examined;
      const given = givenIn(options, examiner.server.url);
      const models: ServerModel[] = [];
      const unsupported: UnsupportedModel[] = [];
      for (const listed of examined.models.filter(({ uid }) => only?.includes(uid) ?? true)) {
        const facts = { server: examined.report, try: false, onStep };
        const report = await examineModel(examiner, listed, examined.instances, facts);
        const form = (modelType: ModelType) =>
          newForm(listed.uid, modelType, listed.description, withKey(given, apiKey));
        models.push(...asModels(listed.uid, report, types, form));
        if (report.dify.length === 0) unsupported.push({ uid: report.uid, type: report.type });
      }
      return {
        problem: null,
        server: examined.report,
        running: examined.models.map(({ uid }) => uid),
        launching: launchesOf(examined),
        models,
        unsupported,
        given,
      };
    });
  } catch (error) {
    if (!(error instanceof InvalidCredentialsError)) throw error;
    return { problem: { code: 'address', message: error.message, hints: [] } };
  }
}

function asModels(
  uid: string,
  { dify }: ModelReport,
  types: readonly ModelType[] | undefined,
  form: (modelType: ModelType) => FormValues,
): ServerModel[] {
  return dify
    .filter(({ modelType }) => types?.includes(modelType) ?? true)
    .map(({ modelType, refusal }) => ({ uid, modelType, form: form(modelType), refusal }));
}

function givenIn({ timeout, verifyTls }: ImportOptions, serverUrl: string): FormValues {
  return {
    server_url: serverUrl,
    ...(timeout !== undefined && { invoke_timeout: timeout }),
    ...(!verifyTls && { tls_verify: 'no' }),
  };
}

function withKey(given: FormValues, apiKey: string): FormValues {
  return apiKey === '' ? given : { ...given, api_key: apiKey };
}
