import { describe, expect, it } from 'vitest';
import { findingLine } from '../../../scripts/package/checks/checks.ts';
import { type BadCase, findingsWith } from './good-package.ts';

it('a good package: nothing', () => {
  expect(findingsWith({})).toEqual([]);
});

it('a finding about the package as a whole says so', () => {
  expect(findingLine({ level: 'error', where: '', message: 'is too large' })).toBe(
    'error: the package is too large',
  );
});

describe('what lies in a package', () => {
  it.each<BadCase>([
    ['more than 50 MB', { 'big.txt': new Uint8Array(50 * 1024 * 1024) }, 'error: the package holds 52'],
    [
      'more than 5000 files',
      Object.fromEntries(Array.from({ length: 5_000 }, (_, at) => [`files/${at}.txt`, 'x'])),
      'error: the package holds 5009 files',
    ],
    ['version control', { '.git/HEAD': 'x' }, 'error: .git/HEAD is in a folder ".git"'],
    [
      'packages of Node.js',
      { 'runtime/node_modules/a/index.js': '' },
      'error: runtime/node_modules/a/index.js is in a folder "node_modules"',
    ],
    ['compiled Python', { 'main.pyc': 'x' }, 'error: main.pyc ends in .pyc'],
    ['settings of a machine', { '.env': 'A=1' }, 'error: .env must not be in a package'],
    ['more of them', { '.env.local': 'A=1' }, 'error: .env.local must not be in a package'],
    [
      'litter of a desktop',
      { '_assets/.DS_Store': 'x' },
      'error: _assets/.DS_Store must not be in a package',
    ],
    ['logs', { 'a.log': 'x' }, 'error: a.log ends in .log'],
    ['build results', { 'dist/index.js': '' }, 'warning: dist/index.js is in a folder of build results'],
    ['archives', { 'data.zip': 'x' }, 'warning: data.zip is an archive'],
  ])('%s', (_what, changes, finding) => {
    expect(findingsWith(changes)).toContainEqual(expect.stringContaining(finding));
  });
});

describe('machine code', () => {
  it.each<BadCase>([
    ['of Linux', { tool: Buffer.from('\x7fELF', 'latin1') }, 'error: tool is a program or library of Linux'],
    ['of Windows', { tool: 'MZ…' }, 'error: tool is a program or library of Windows'],
    ['of macOS', { tool: Buffer.from('cffaedfe', 'hex') }, 'error: tool is a program of macOS'],
    ['an add-on of Node.js', { 'a.node': 'x' }, 'error: a.node ends in .node'],
    ['in a wheel', { 'a.whl/b.so': Buffer.from('\x7fELF', 'latin1') }, 'warning: a.whl/b.so is a program'],
    ['a shell script', { 'run.sh': 'x' }, 'warning: run.sh ends in .sh'],
    [
      "the host's own",
      { 'dify-plugin-linux-amd64': 'x' },
      "error: dify-plugin-linux-amd64 is named like the host's own program",
    ],
  ])('%s', (_what, changes, finding) => {
    expect(findingsWith(changes)).toContainEqual(expect.stringContaining(finding));
  });
});
