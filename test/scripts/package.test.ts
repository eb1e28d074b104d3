import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { packageChecksum } from '../../scripts/package/checksum.ts';
import { licensedPackages } from '../../scripts/package/licenses.ts';
import { makePackage } from '../../scripts/package/make-package.ts';
import type { PackageFile } from '../../scripts/package/package-file.ts';
import { zip } from '../../scripts/package/zip.ts';
import { readPlugin } from '../../scripts/plugin.ts';
import { projectRoot } from '../../scripts/project.ts';
import { declarationOf } from '../../src/dify/declaration/declaration.ts';

// Inside of the project, so that packages are found.
let folder: string;
beforeEach(() => {
  mkdirSync(join(projectRoot, 'dist'), { recursive: true });
  folder = mkdtempSync(join(projectRoot, 'dist/test-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const files = (contents: Record<string, string>): PackageFile[] =>
  Object.entries(contents).map(([path, text]) => ({ path, content: Buffer.from(text) }));

/** What Python makes of a zip, as a host's installer and reviewers do. */
function readByPython(file: string): unknown {
  const program = `
import hashlib, json, sys, zipfile
archive = zipfile.ZipFile(sys.argv[1])
assert archive.testzip() is None
print(json.dumps([
    [entry.filename, oct(entry.external_attr >> 16), list(entry.date_time), entry.is_dir(), archive.read(entry).decode()]
    for entry in archive.infolist()
]))`;

  return JSON.parse(execFileSync('python3', ['-c', program, file], { encoding: 'utf8' }));
}

const declaration = declarationOf(`${import.meta.dirname}/../..`);

describe('zip', () => {
  test('holds files alone, sorted, with fixed dates and modes', () => {
    const file = join(folder, 'a.zip');
    writeFileSync(file, zip(files({ 'b/c.txt': 'C', 'a.txt': 'AAAA'.repeat(100), B: '' })));
    const date = [1980, 1, 1, 0, 0, 0];
    expect(readByPython(file)).toEqual([
      ['B', '0o100644', date, false, ''],
      ['a.txt', '0o100644', date, false, 'AAAA'.repeat(100)],
      ['b/c.txt', '0o100644', date, false, 'C'],
    ]);
    expect(readFileSync(file).length).toBeLessThan(400);
  });

  test('is the same whatever the order of the files and the time zone', () => {
    const zips = ['UTC', 'Asia/Tokyo', 'America/Los_Angeles'].map(name => {
      vi.stubEnv('TZ', name);
      return Buffer.from(zip(files({ 'a.txt': 'A', 'b.txt': 'B' }))).toString('hex');
    });
    vi.unstubAllEnvs();
    expect(new Set(zips).size).toBe(1);
    expect(Buffer.from(zip(files({ 'b.txt': 'B', 'a.txt': 'A' }))).toString('hex')).toBe(zips[0]);
  });

  test.each(['../a', 'a/../b', './a', '/a', 'a//b', 'a/', 'a\\b', '', 'C:a'])(
    'refuses the path "%s"',
    path => {
      expect(() => zip(files({ [path]: 'A' }))).toThrow(`"${path}" is no path for a package.`);
    },
  );

  test('refuses a path that is there twice', () => {
    expect(() => zip([...files({ a: '1' }), ...files({ a: '2' })])).toThrow('"a" is in the package twice.');
  });
});

test('the checksum is over the hashes of paths and contents, in the order of the bytes of the paths', () => {
  // for s in B '' a.txt A b/c.txt C; do printf %s "$s" | sha256sum | cut -c-64 | xxd -r -p; done | sha256sum
  expect(packageChecksum(files({ 'b/c.txt': 'C', 'a.txt': 'A', B: '' }))).toBe(
    '0d20c0471789636c6919b7f23adb128be4a1806d039df969683dc3686578b753',
  );
});

describe('makePackage', () => {
  let root: string;
  beforeEach(() => {
    root = join(folder, 'project');
    for (const path of [
      'manifest.yaml',
      'provider',
      '_assets',
      'README.md',
      'PRIVACY.md',
      'LICENSE',
      'CHANGELOG.md',
    ]) {
      cpSync(join(projectRoot, path), join(root, path), { recursive: true });
    }
    write(
      'src/main.ts',
      "import { pino } from 'pino'; import { Client } from 'undici'; console.log(pino, Client);",
    );
  });

  function write(path: string, text: string): void {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), text);
  }

  test('packs what ships, and nothing that lies about', async () => {
    write('readme/README_zh_Hans.md', '# 说明\n');
    for (const stray of ['.env', 'readme/notes.md', '_assets/.DS_Store', 'provider/old.yaml', 'main.py']) {
      write(stray, 'stray');
    }
    write('dist/package/old.txt', 'of an earlier version');
    const { file, bytes, files: packed, identifier } = await makePackage(readPlugin(root));

    const paths = [
      'CHANGELOG.md',
      'LICENSE',
      'PRIVACY.md',
      'README.md',
      '_assets/demo.svg', // the README shows it
      '_assets/icon-dark.svg',
      '_assets/icon-large-dark.svg',
      '_assets/icon-large.svg',
      '_assets/icon.svg',
      '_assets/import.svg',
      'main.py',
      'manifest.yaml',
      'node_launcher/__init__.py',
      'node_launcher/facts.py',
      'node_launcher/remedy.py',
      'node_launcher/runnable.py',
      'node_launcher/strangers.py',
      'provider/xinference.yaml',
      'readme/README_zh_Hans.md',
      'requirements.txt',
      'runtime/THIRD_PARTY_LICENSES.txt',
      'runtime/index.cjs',
      'runtime/start.cjs',
    ];
    expect(packed.map(({ path }) => path)).toEqual(paths);
    const staged = readdirSync(join(root, 'dist/package'), { recursive: true, withFileTypes: true });
    expect(staged.filter(entry => entry.isFile())).toHaveLength(paths.length);
    const { author, name, version } = declaration.manifest;
    expect(file).toBe(join(root, `dist/${name}-${version}.difypkg`));
    expect(readFileSync(file)).toHaveLength(bytes);
    expect(identifier).toBe(`${author}/${name}:${version}@${packageChecksum(packed)}`);
    expect(readByPython(file)).toEqual(
      paths.map(path => [
        path,
        '0o100644',
        [1980, 1, 1, 0, 0, 0],
        false,
        readFileSync(join(root, 'dist/package', path), 'utf8'),
      ]),
    );
  });

  test('gives the same bytes whatever the dates and modes of the files', async () => {
    const first = readFileSync((await makePackage(readPlugin(root))).file);
    for (const path of ['manifest.yaml', 'README.md', '_assets/icon.svg']) {
      utimesSync(join(root, path), 1, 1);
      chmodSync(join(root, path), 0o700);
    }
    const mask = process.umask(0o077);
    const { file } = await makePackage(readPlugin(root), {
      out: join(folder, 'elsewhere/second.difypkg'),
    }).finally(() => process.umask(mask));
    expect(file).toBe(join(folder, 'elsewhere/second.difypkg'));
    expect(readFileSync(file).equals(first)).toBe(true);
  });

  test('has the README for users, with its pictures, in place of the one for developers', async () => {
    write('readme/README.md', 'For users.\n\n![A form](./_assets/icon.svg)\n');
    const { files: packed } = await makePackage(readPlugin(root));
    expect(packed.find(({ path }) => path === 'README.md')?.content.toString()).toContain('For users.');
    const paths = packed.map(({ path }) => path);
    expect(paths).not.toContain('readme/README.md');
    expect(paths).not.toContain('_assets/demo.svg');
  });

  test("is made of another plugin's folder: the launcher is told its name, and the licence is the project's", async () => {
    for (const path of ['LICENSE', 'CHANGELOG.md', 'src']) rmSync(join(root, path), { recursive: true });
    write('main.ts', 'process.stdout.write("another\\n");');
    const manifest = readFileSync(join(root, 'manifest.yaml'), 'utf8');
    write('manifest.yaml', manifest.replace(/^name: .*$/m, 'name: openai-compatible'));
    const { file, files: packed } = await makePackage(readPlugin(root));
    expect(file).toMatch(/project\/dist\/openai-compatible-[\d.]+\.difypkg$/);
    const text = (path: string) =>
      Buffer.from(packed.find(each => each.path === path)?.content ?? '').toString('utf8');
    expect(text('LICENSE')).toBe(readFileSync(join(projectRoot, 'LICENSE'), 'utf8'));
    expect(text('CHANGELOG.md')).toBe('');
    expect(text('node_launcher/facts.py')).toContain('NODE_VARIABLE = "OPENAI_COMPATIBLE_PLUGIN_NODE"\n');
    expect(text('runtime/index.cjs')).toContain('process.stdout.write("another\\n")');
  });

  test('says what is no folder of a plugin', () => {
    expect(() => readPlugin(folder)).toThrow(`${folder} is no folder of a plugin: it has no manifest.yaml.`);
    rmSync(join(root, 'src'), { recursive: true });
    expect(() => readPlugin(root)).toThrow(`${root} has no program: neither src/main.ts nor main.ts.`);
  });

  test('has one version: where manifest.yaml and package.json differ, it refuses and names both', async () => {
    const { version } = declaration.manifest;
    write('package.json', '{"version": "9.9.9"}');
    expect(() => readPlugin(root)).toThrow(
      `manifest.yaml has the version ${version}, package.json 9.9.9: they must be the same.`,
    );
    write('package.json', `{"version": "${version}"}`);
    expect((await makePackage(readPlugin(root))).identifier).toContain(`:${version}@`);
  });

  test('carries the licences of what is bundled', async () => {
    const { files: packed } = await makePackage(readPlugin(root));
    const licenses = packed.find(({ path }) => path === 'runtime/THIRD_PARTY_LICENSES.txt')?.content;
    const text = Buffer.from(licenses ?? '').toString();
    const undici = JSON.parse(readFileSync(join(projectRoot, 'node_modules/undici/package.json'), 'utf8'));
    expect(text).toContain(`\nundici ${undici.version} (MIT)\n`);
    expect(text).toContain(readFileSync(join(projectRoot, 'node_modules/undici/LICENSE'), 'utf8').trim());
    expect(text).toMatch(/\npino [\d.]+ \(MIT\)\n/);
    expect(text).not.toContain('esbuild');
    // undici carries its parser as WebAssembly, and no notice of it.
    expect(text).toMatch(/\nllhttp within undici \(MIT\)\n\nCopyright Fedor Indutny, 2018\./);
  });

  test('comes with a list of the software in it, the same each time (issue 16, point 16)', async () => {
    const { sbomFile } = await makePackage(readPlugin(root));
    expect(sbomFile).toMatch(/dist\/xinference-[\d.]+\.cdx\.json$/);
    const list = readFileSync(sbomFile, 'utf8');
    const { bomFormat, specVersion, metadata, components } = JSON.parse(list);
    expect({ bomFormat, specVersion }).toEqual({ bomFormat: 'CycloneDX', specVersion: '1.6' });
    const { author, name, version } = declaration.manifest;
    expect(metadata.component).toMatchObject({ type: 'application', group: author, name, version });
    const names = components.map((part: { name: string }) => part.name);
    expect(names).toEqual(expect.arrayContaining(['pino', 'undici', 'llhttp']));
    expect(names).not.toContain('esbuild');
    expect(list).not.toContain(projectRoot);
    expect(readFileSync((await makePackage(readPlugin(root))).sbomFile, 'utf8')).toBe(list);
  });

  test.each(['PRIVACY.md', 'README.md', '_assets/icon.svg'])('says that %s is missing', async path => {
    rmSync(join(root, path));
    await expect(Promise.resolve().then(() => makePackage(readPlugin(root)))).rejects.toThrow(
      path.replace(/.*\//, ''),
    );
  });
});

describe('licensedPackages', () => {
  function install(name: string, packageJson: object, others: Record<string, string> = {}): string {
    const at = join(folder, 'node_modules', name);
    mkdirSync(join(at, 'lib/part'), { recursive: true });
    writeFileSync(join(at, 'package.json'), JSON.stringify({ name, version: '1.0.0', ...packageJson }));
    for (const [path, text] of Object.entries(others)) writeFileSync(join(at, path), text);
    return join(at, 'lib/part/index.js');
  }

  test('reads each package once, with the licences of the parts that are in use', async () => {
    const first = install(
      '@some/thing',
      { license: 'ISC' },
      {
        'LICENSE.md': 'The terms.\r\n',
        'lib/part/LICENSE': 'Terms of a part.\n',
        'readme.md': 'No terms.',
      },
    );
    const nested = install(
      '@some/thing/node_modules/deep',
      { name: 'deep', license: 'MIT' },
      { COPYING: 'Deep terms.' },
    );
    expect(await licensedPackages([nested, first, `${first}x`, join(folder, 'src/main.ts')])).toEqual([
      { name: '@some/thing', version: '1.0.0', license: 'ISC', text: 'The terms.\n\nTerms of a part.' },
      { name: 'deep', version: '1.0.0', license: 'MIT', text: 'Deep terms.' },
    ]);
  });

  test('refuses a package without a licence', async () => {
    await expect(licensedPackages([install('textless', { license: 'MIT' })])).rejects.toThrow(
      'textless 1.0.0 does not carry its licence.',
    );
    await expect(licensedPackages([install('nameless', {}, { LICENSE: 'Terms.' })])).rejects.toThrow(
      'nameless 1.0.0 does not carry its licence.',
    );
  });
});
