import { pathToFileURL } from 'node:url';
import standalone from 'ajv/dist/standalone/index.js';
import type { Plugin } from 'esbuild';
import type { TSchema } from 'typebox';
import { newAjv } from '../../src/dify/schema/compile-schemas.ts';
import { projectRoot } from '../project.ts';
import { shareParts } from './shared-schemas.ts';
import { terse } from './terse-packages.ts';

/**
 * Puts the validators' code in the place of each module whose name ends in `.validators.ts`. Such a module exports
 * what `compileSchemas` returned and nothing else; it is evaluated here, so its schemas may come from anywhere.
 */
export function compiledValidators(): Plugin {
  return {
    name: 'compiled-validators',
    setup(build) {
      build.onLoad({ filter: /\.validators\.ts$/ }, async ({ path }) => ({
        contents: await terse(standaloneModule(await import(pathToFileURL(path).href))),
        resolveDir: projectRoot, // the code imports small helpers of Ajv
      }));
    },
  };
}

function standaloneModule(exported: Readonly<Record<string, unknown>>): string {
  const ids = new Map<string, string>(); // by the text of the schema, so that equal ones share their code
  const whole = new Map<string, TSchema>();
  const idOf = (schema: TSchema): string => {
    const text = JSON.stringify(schema);
    const id = ids.get(text) ?? `validator${ids.size}`;
    ids.set(text, id);
    whole.set(id, schema);
    return id;
  };
  const groups = Object.entries(exported).map(([group, validators]) => {
    const members = Object.entries(validators ?? {}).map(
      ([name, validator]) => `  ${JSON.stringify(name)}: ${idOf(schemaOf(validator, `${group}.${name}`))},`,
    );
    return `export const ${group} = {\n${members.join('\n')}\n};`;
  });
  const ajv = newAjv({ source: true, esm: true, lines: true }, { inlineRefs: false });
  const { schemas, parts } = shareParts(whole as ReadonlyMap<string, object>);
  for (const [id, schema] of [...parts, ...schemas]) ajv.addSchema(schema, id);
  const functions = Object.fromEntries([...schemas.keys()].map(id => [id, id]));
  return [standalone.default(ajv, functions), ...groups].join('\n');
}

function schemaOf(validator: unknown, name: string): TSchema {
  if (typeof validator === 'function' && 'schema' in validator) return validator.schema as TSchema;
  throw new Error(`${name} is no validator: the module may export only what compileSchemas returned.`);
}
