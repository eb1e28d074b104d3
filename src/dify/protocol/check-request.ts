import { isObject } from '../../text/json.ts';
import { explain } from '../schema/validation.ts';
import { InvokeBadRequestError } from './errors.ts';
import type { Action, RequestOf } from './requests.schemas.ts';
import { requestValidators } from './requests.validators.ts';

/** A request that can be handed to the handler of its action. */
export interface CheckedRequest {
  readonly action: Action;
  readonly data: RequestOf<Action>;
}

/**
 * Checks what stands under `data` of a request.
 * @throws InvokeBadRequestError that names the type, the action or the field that is wrong
 */
export function checkRequest(data: unknown): CheckedRequest {
  if (!isObject(data)) throw new InvokeBadRequestError('The request has no data.');
  const { type, action } = data;
  if (type !== 'model') {
    throw new InvokeBadRequestError(
      `This plugin serves requests of type "model" only, not ${quote(type)} (action ${quote(action)}).`,
    );
  }
  if (typeof action !== 'string' || !Object.hasOwn(requestValidators, action)) {
    throw new InvokeBadRequestError(
      `This plugin does not know the action ${quote(action)}. It serves: ${Object.keys(requestValidators).join(', ')}.`,
    );
  }
  const validate = requestValidators[action as Action];
  if (!validate(data)) {
    throw new InvokeBadRequestError(`The request ${action} is malformed: ${explain(validate.errors)}.`);
  }
  return { action: action as Action, data };
}

function quote(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 100)) : String(typeof value);
}
