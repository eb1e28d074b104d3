import { CredentialsValidateFailedError, type ModelType, type RawCredentials } from '../../src/dify/index.ts';
import { listModels } from '../../src/xinference/description.ts';
import { readCredentials, readServer, textField } from './credentials.ts';
import { describe } from './describe.ts';
import { validationErrorOf } from './errors.ts';
import { modelTypesOf, typeMismatch } from './model-types.ts';
import type { Services } from './services.ts';

/**
 * Checks credentials by one describe call: the server answers, takes the key, runs the model, and the model is of the type
 * that the user picked. Generates nothing: that could cost minutes on a cold model.
 * @param readForm reads what the model type's form has beyond the common fields, and throws where it is wrong
 * @throws CredentialsValidateFailedError
 */
export async function validateModel(
  services: Services,
  request: { model?: string; model_type: ModelType; credentials?: RawCredentials | null },
  signal: AbortSignal,
  readForm: (form: RawCredentials) => unknown = () => undefined,
): Promise<void> {
  try {
    const credentials = readCredentials(request.credentials, request.model);
    readForm(request.credentials ?? {});
    const description = await describe(services, credentials, signal);
    if (modelTypesOf(description).includes(request.model_type)) return;
    throw new CredentialsValidateFailedError(
      typeMismatch(credentials.modelUid, description, request.model_type),
    );
  } catch (error) {
    throw validationErrorOf(error);
  }
}

/**
 * Checks the provider's credentials as far as they go: with a server URL the server is asked once, for what it runs. Without
 * one there is nothing to check, unless models are brought along, which need it.
 * @param predefined the UIDs of the models that the plugin brings along. Those that do not run are a warning in the log
 * @throws CredentialsValidateFailedError, also when it brings some along of which none runs
 */
export async function validateProvider(
  services: Services,
  request: { credentials?: RawCredentials | null },
  signal: AbortSignal,
  predefined: readonly string[] = [],
): Promise<void> {
  const form = request.credentials ?? {};
  try {
    if (predefined.length === 0 && textField(form, 'server_url') === '') return;
    const server = readServer(form);
    const running = new Set((await listModels(services.client, server, signal)).map(({ uid }) => uid));
    const missing = predefined.filter(uid => !running.has(uid));
    if (missing.length === 0) return;
    const words = `${server.url} does not run ${missing.join(', ')}`;
    if (missing.length < predefined.length)
      return services.log.warn(`${words}, which this plugin brings along.`);
    throw new CredentialsValidateFailedError(
      `${words}: none of the models that this plugin brings along. Launch them, or give the address of their server.`,
    );
  } catch (error) {
    throw validationErrorOf(error);
  }
}
