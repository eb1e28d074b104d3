import { compileSchemas } from '../../../src/compile-schemas.ts';
import { messageSchemas } from './messages.schemas.ts';

export const messageValidators = compileSchemas(messageSchemas);
