import { isObject } from '../../../src/text/json.ts';
import type { PackageFile } from '../package-file.ts';
import { error, type Finding, manifestOf, textOf, warning } from './check.ts';

/** What the Marketplace wants to be there, beyond what hosts want. */
const WANTED = [
  'author',
  'name',
  'version',
  'type',
  'icon',
  'plugins',
  'privacy',
  'repo',
  'contact',
  'label.en_US',
  'description.en_US',
  'meta.version',
  'meta.arch',
  'meta.runner.language',
  'meta.runner.version',
  'meta.runner.entrypoint',
];
const SOURCE_HOSTS = ['github.com', 'gitlab.com', 'bitbucket.org', 'gitee.com', 'codeberg.org', 'git.sr.ht'];
const SOURCE = new RegExp(
  `^https?://(?:www\\.)?(?:${SOURCE_HOSTS.map(host => host.replaceAll('.', '\\.')).join('|')})/[^\\s)>"]+$`,
  'i',
);
const EMAIL = /^[\w.!#$%&'*+/=?^`{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+$/;
/** Of these a privacy policy speaks in some way. */
const DISCLOSURE =
  /collect|personal data|user data|stor(?:e|age)|ret(?:ain|ention)|persist|log|third[ -]party|share|send|transmit|external service/i;

/** That the manifest says what the Marketplace wants to know, and that the privacy policy is there. */
export function* checkManifest(files: readonly PackageFile[]): Generator<Finding> {
  const at = 'manifest.yaml';
  const manifest = manifestOf(files);
  if (manifest === undefined) return yield error(at, 'is missing, or not valid YAML');
  for (const field of WANTED) if (!valueAt(manifest, field)) yield error(at, `does not say "${field}"`);
  if (!valueAt(manifest, 'meta.minimum_dify_version'))
    yield warning(at, 'does not say "meta.minimum_dify_version"');

  const author = String(manifest['author']);
  const name = ['dify', 'langgenius'].find(taken => author.includes(taken));
  if (name !== undefined) yield error(at, `has an author with "${name}" in it, which is not allowed`);
  if (manifest['type'] && manifest['type'] !== 'plugin') yield error(at, 'must be of the type "plugin"');
  if (manifest['repo'] && !SOURCE.test(String(manifest['repo']))) {
    yield error(at, `has a "repo" that is not at one of ${SOURCE_HOSTS.join(', ')}`);
  }
  if (manifest['contact'] && !EMAIL.test(String(manifest['contact'])))
    yield error(at, 'has a "contact" that is no e-mail address');
  yield* checkPrivacy(files, String(manifest['privacy'] ?? ''));
}

function* checkPrivacy(files: readonly PackageFile[], privacy: string): Generator<Finding> {
  if (textOf(files, 'PRIVACY.md') === undefined) yield error('PRIVACY.md', 'is missing');
  if (privacy === '' || /^https?:\/\//.test(privacy)) return;
  const path = privacy.replace(/^\.\//, '');
  const policy = textOf(files, path);
  if (policy === undefined)
    yield error('manifest.yaml', `names the privacy policy "${privacy}", which is not in the package`);
  else if (policy.trim() === '') yield error(path, 'is empty');
  else if (/please fill in the privacy policy/i.test(policy)) yield error(path, 'is the unfilled template');
  else if (!DISCLOSURE.test(policy)) yield warning(path, 'does not say what becomes of data');
}

function valueAt(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((at, key) => (isObject(at) ? at[key] : undefined), value);
}
