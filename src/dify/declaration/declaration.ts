import { type Declaration, readDeclaration } from './read-declaration.ts';

let declaration: Declaration | undefined;

/**
 * What the plugin in a folder tells a host about itself. The build puts the checked declaration of the plugin in the place of
 * this module, so a bundle reads no YAML.
 */
export function declarationOf(folder: string): Declaration {
  declaration ??= readDeclaration(folder);
  return declaration;
}
