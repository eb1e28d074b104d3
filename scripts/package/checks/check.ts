import { parse } from 'yaml';
import { isObject } from '../../../src/text/json.ts';
import type { PackageFile } from '../package-file.ts';

/** What a check has against a package. */
export interface Finding {
  /** An error keeps a package out of the Marketplace; a warning is for its reviewer to judge. */
  readonly level: 'error' | 'warning';
  /** The file, with a line where there is one: `manifest.yaml:4`. Empty for the package as a whole. */
  readonly where: string;
  readonly message: string;
}

/** Looks at the files of a package. */
export type Check = (files: readonly PackageFile[]) => Iterable<Finding>;

export function error(where: string, message: string): Finding {
  return { level: 'error', where, message };
}

export function warning(where: string, message: string): Finding {
  return { level: 'warning', where, message };
}

/** The text of a file; undefined when it is not there. */
export function textOf(files: readonly PackageFile[], path: string): string | undefined {
  const file = files.find(candidate => candidate.path === path);
  return file && Buffer.from(file.content).toString('utf8');
}

/** The manifest of a package, unchecked; undefined when it is missing or no YAML. */
export function manifestOf(files: readonly PackageFile[]): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = parse(textOf(files, 'manifest.yaml') ?? '');
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The lines of a text with their numbers, from 1. */
export function* linesOf(text: string): Generator<readonly [number, string]> {
  let number = 0;
  for (const line of text.split(/\r?\n/)) yield [++number, line];
}

/** The part of a path behind its last slash. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The suffix of a file's name, lower case, with its dot; empty when there is none. */
export function suffixOf(path: string): string {
  const name = nameOf(path);
  const dot = name.lastIndexOf('.');
  return dot <= 0 ? '' : name.slice(dot).toLowerCase();
}
