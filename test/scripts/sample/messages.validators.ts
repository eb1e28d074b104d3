import { compileSchemas } from '../../../src/dify/schema/compile-schemas.ts';
import { messageSchemas } from './messages.schemas.ts';

export const messageValidators = compileSchemas(messageSchemas);
