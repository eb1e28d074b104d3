import { compileSchemas } from '../schema/compile-schemas.ts';
import { requestSchemas } from './requests.schemas.ts';

/** A check of `data` for each action. Compiled ahead of time in the bundle, so that it carries no compiler. */
export const requestValidators = compileSchemas(requestSchemas);
