import { describe, expect, it } from 'vitest';
import { type BadCase, findingsWith } from './good-package.ts';

const requirements = (line: string) => ({ 'requirements.txt': `${line}\n` });

describe('dependencies', () => {
  it.each<BadCase>([
    ['without bounds', requirements('some-wheel'), 'error: requirements.txt:1 has no bounds: some-wheel'],
    ['an option with =', requirements('--only-binary=some-wheel'), 'error: requirements.txt:1 has no bounds'],
    [
      'a lower bound only',
      requirements('some-wheel>=1'),
      'warning: requirements.txt:1 has a lower bound only',
    ],
    [
      'from a repository',
      requirements('some-wheel @ git+https://github.com/a/b'),
      'error: requirements.txt:1 installs from a repository',
    ],
    [
      'from an address',
      requirements('some-wheel @ https://example.org/a.whl'),
      'error: requirements.txt:1 installs from an address',
    ],
    ['from a path', requirements('-e ./wheel'), 'warning: requirements.txt:1 installs from a path'],
    [
      'an old SDK',
      requirements('dify_plugin>=0.5.0,<1'),
      'error: requirements.txt:1 must ask for dify_plugin 0.9.0 at least',
    ],
    [
      'an SDK of any version',
      requirements('dify-plugin'),
      'error: requirements.txt:1 must ask for dify_plugin 0.9.0 at least',
    ],
    ['a very large one', requirements('torch>=2,<3'), 'warning: requirements.txt:1 torch is very large'],
    [
      'an include',
      { 'requirements.txt': '-r more/base.txt', 'more/base.txt': '\nsome-wheel' },
      'error: more/base.txt:2 has no bounds',
    ],
    [
      'an include that is missing',
      requirements('-r base.txt'),
      'warning: requirements.txt:1 includes base.txt, which is not in the package',
    ],
    [
      'in a pyproject.toml, which daemon 0.5.4 prefers and then installs nothing from',
      { 'pyproject.toml': '[project]\ndependencies = ["some-wheel>=1,<2"]' },
      'error: pyproject.toml keeps daemon 0.5.4 from installing the package',
    ],
  ])('%s', (_what, changes, finding) => {
    expect(findingsWith(changes)).toContainEqual(expect.stringContaining(finding));
  });
});

it('an SDK that is new enough, exactly or by more', () => {
  for (const line of [
    'dify_plugin==0.9.0',
    'dify_plugin>=0.9.0,<1.0.0',
    'dify_plugin>=0.10,<1',
    'dify-plugin>=1.0,<2',
  ]) {
    expect(findingsWith(requirements(line))).toEqual([]);
  }
});
