import { posix } from 'node:path';
import type { PackageFile } from '../package-file.ts';
import { error, type Finding, linesOf, textOf, warning } from './check.ts';

/** Options of pip that are no dependencies. With `=` in place of the blank, they would be taken for some. */
const OPTIONS = [
  '-c ',
  '--constraint ',
  '--extra-index-url ',
  '--find-links ',
  '--index-url ',
  '--no-binary ',
  '--only-binary ',
  '--trusted-host ',
  '--use-pep517',
  '--use-feature ',
];
const LARGE = new Set(
  'chromadb faiss-cpu faiss-gpu jax llama-cpp-python opencv-contrib-python opencv-python opencv-python-headless paddlepaddle playwright pyppeteer selenium spacy tensorflow tensorflow-cpu torch torchaudio torchvision transformers'.split(
    ' ',
  ),
);
/** The oldest SDK that may be asked for. */
const SDK_FROM = [0, 9, 0];

/** That what gets installed beside the plugin comes from an index, within bounds. */
export function* checkDependencies(files: readonly PackageFile[]): Generator<Finding> {
  yield* requirementsIn(files, 'requirements.txt', new Set());
  if (textOf(files, 'pyproject.toml') !== undefined)
    yield error(
      'pyproject.toml',
      'keeps daemon 0.5.4 from installing the package: requirements.txt is enough',
    );
}

function* requirementsIn(files: readonly PackageFile[], path: string, seen: Set<string>): Generator<Finding> {
  const text = textOf(files, path);
  if (text === undefined || seen.has(path)) return;
  seen.add(path);
  for (const [number, line] of linesOf(text)) {
    const requirement = line.replace(/ #.*/, '').trim();
    if (requirement === '' || requirement.startsWith('#')) continue;
    const include = /^(?:-r|--requirement) (.+)/.exec(requirement)?.[1];
    if (include === undefined) yield* judge(requirement, `${path}:${number}`);
    else {
      const target = posix.join(posix.dirname(path), include.trim());
      if (textOf(files, target) === undefined)
        yield warning(`${path}:${number}`, `includes ${target}, which is not in the package`);
      yield* requirementsIn(files, target, seen);
    }
  }
}

function* judge(requirement: string, where: string): Generator<Finding> {
  if (/git\+/i.test(requirement)) return yield error(where, `installs from a repository: ${requirement}`);
  if (/(?:^|\s@)\s*(?:https?|ftp|file):\/\//i.test(requirement))
    return yield error(where, `installs from an address: ${requirement}`);
  if (/^(?:-e|--editable) /.test(requirement) || /(?:^|\s@)\s*\.{0,2}\//.test(requirement)) {
    return yield warning(where, `installs from a path: ${requirement}`);
  }
  if (OPTIONS.some(option => requirement.startsWith(option))) return;
  const name = /^[\w.-]+/.exec(requirement)?.[0].toLowerCase().replaceAll('_', '-') ?? '';
  if (LARGE.has(name)) yield warning(where, `${name} is very large`);
  if (name === 'dify-plugin' && !isNewEnough(requirement))
    return yield error(where, `must ask for dify_plugin 0.9.0 at least: ${requirement}`);
  if (!/[=<>~!]=|[<>^]/.test(requirement)) yield error(where, `has no bounds: ${requirement}`);
  else if (/^[^<>=!~]*>=?[^,]+$/.test(requirement))
    yield warning(where, `has a lower bound only: ${requirement}`);
}

function isNewEnough(requirement: string): boolean {
  const version = /(?:>=|==)\s*(\d[\d.]*)/.exec(requirement)?.[1]?.split('.').map(Number);
  if (version === undefined) return false;
  const at = SDK_FROM.findIndex((wanted, index) => wanted !== (version[index] ?? 0));
  return at < 0 || (version[at] ?? 0) > (SDK_FROM[at] ?? 0);
}
