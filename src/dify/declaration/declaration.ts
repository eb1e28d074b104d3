import { fileURLToPath } from 'node:url';
import { type Declaration, readDeclaration } from './read-declaration.ts';

/** What this plugin tells a host about itself. The build puts the checked values here, so the bundle reads no YAML. */
export const declaration: Declaration = readDeclaration(fileURLToPath(new URL('../../../', import.meta.url)));
