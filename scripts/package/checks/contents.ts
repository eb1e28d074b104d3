import { MOST_BYTES, type PackageFile } from '../package-file.ts';
import { error, type Finding, nameOf, suffixOf, warning } from './check.ts';

const MOST_FILES = 5_000;

const REFUSED_FOLDERS = new Set(
  '.git .hg .svn .venv venv env __pycache__ .pytest_cache .ruff_cache .mypy_cache .tox .nox .idea .vscode node_modules pycache'.split(
    ' ',
  ),
);
const DOUBTFUL_FOLDERS = new Set(['build', 'dist']);
const REFUSED_NAMES = new Set(['.DS_Store', '.gitconfig', 'Thumbs.db', 'desktop.ini', 'id_rsa']);
const ENV_SAMPLES = new Set(['.env.example', '.env.sample', '.env.template']);
const REFUSED_SUFFIXES = new Set('.key .pem .p12 .pfx .pyc .pyo .log .tmp .swp .swo .bak'.split(' '));
const ARCHIVES = new Set('.zip .tar .gz .tgz .bz2 .xz .7z .rar'.split(' '));

/** That a package holds nothing of the desk it was made on, and is small enough, unpacked. */
export function* checkContents(files: readonly PackageFile[]): Generator<Finding> {
  const bytes = files.reduce((sum, { content }) => sum + content.length, 0);
  if (bytes > MOST_BYTES) yield error('', `holds ${bytes} bytes, of which ${MOST_BYTES} are allowed`);
  if (files.length > MOST_FILES)
    yield error('', `holds ${files.length} files, of which ${MOST_FILES} are allowed`);
  for (const { path } of files) {
    const folders = path.split('/').slice(0, -1);
    const name = nameOf(path);
    const refused = folders.find(folder => REFUSED_FOLDERS.has(folder));
    if (refused !== undefined)
      yield error(path, `is in a folder "${refused}", which must not be in a package`);
    if (folders.some(folder => DOUBTFUL_FOLDERS.has(folder)))
      yield warning(path, 'is in a folder of build results');
    if (REFUSED_NAMES.has(name) || isEnvironment(name)) yield error(path, 'must not be in a package');
    else if (REFUSED_SUFFIXES.has(suffixOf(path)))
      yield error(path, `ends in ${suffixOf(path)}, which must not be in a package`);
    else if (ARCHIVES.has(suffixOf(path))) yield warning(path, 'is an archive');
  }
}

function isEnvironment(name: string): boolean {
  return (name === '.env' || name.startsWith('.env.')) && !ENV_SAMPLES.has(name);
}
