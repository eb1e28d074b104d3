import { InvokeBadRequestError } from '../../src/dify/protocol/errors.ts';
import type { ModelSchema } from '../../src/dify/protocol/model-schema.ts';
import type { ModelType, RequestOf } from '../../src/dify/protocol/requests.schemas.ts';
import type { Session } from '../../src/dify/session.ts';

/** What every model type answers, besides its own actions. */
export interface ModelTypeHandlers {
  /** Checks credentials; throws what is wrong with them. */
  validate(request: RequestOf<'validate_model_credentials'>, session: Session): Promise<void>;
  /** Describes a model to Dify. */
  schema(request: RequestOf<'get_ai_model_schemas'>, session: Session): Promise<ModelSchema>;
}

/** The handlers of a request's model type. @throws InvokeBadRequestError when there are none */
export function handlersFor(
  types: Partial<Record<ModelType, ModelTypeHandlers>>,
  modelType: ModelType,
): ModelTypeHandlers {
  const handlers = types[modelType];
  if (handlers !== undefined) return handlers;
  throw new InvokeBadRequestError(
    `Xinference has no models of the type ${modelType}. This plugin serves: ${Object.keys(types).join(', ')}.`,
  );
}
