import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { changesOf } from '../../scripts/package/changelog.ts';
import { pullRequestText, type Submission } from '../../scripts/package/pull-request.ts';
import { projectRoot } from '../../scripts/project.ts';

const template = readFileSync(join(projectRoot, '.github/marketplace-pull-request.md'), 'utf8');
const submission: Submission = {
  manifest: {
    author: 'someone',
    name: 'xinference',
    version: '1.2.3',
    repo: 'https://github.com/someone/plugin',
    contact: 'someone@example.org',
    label: { en_US: 'Xorbits Inference' },
  },
  changes: '### Added\n\n- Something.',
  isUpdate: false,
  signals: [{ capability: 'command execution', where: 'main.py:37', line: 'os.execv(`node`)' }],
  warnings: [{ level: 'warning', where: 'a.sh', message: 'ends in .sh' }],
  validation: ['npm run package -- --marketplace', '  0 errors'],
};
const text = (changes: Partial<Submission> = {}) => pullRequestText(template, { ...submission, ...changes });

/** The text below a heading, as the Marketplace's check of a pull request cuts it. */
function section(body: string, heading: string): string {
  const [, rest] = body.split(`\n## ${heading}\n`);
  return (rest?.split(/^## /m)[0] ?? '').replace(/<!--.*?-->/gs, '').trim();
}
const ticked = (part: string) => [...part.matchAll(/^- \[x\] (.+)$/gm)].map(([, label]) => label);

describe('the pull request to the Marketplace', () => {
  it.each(['Author', 'Plugin name', 'Version', 'Source repository', 'Contact'])('says the %s', field => {
    const value = new RegExp(`^- \\*\\*${field}\\*\\*: (\\S.*)$`, 'm').exec(
      section(text(), 'Plugin information'),
    )?.[1];
    expect(value).toBeDefined();
    expect(JSON.stringify(submission.manifest)).toContain(value);
  });

  it('is of one type and one level of risk', () => {
    expect(ticked(section(text(), 'Submission type'))).toEqual(['New plugin']);
    expect(ticked(section(text({ isUpdate: true }), 'Submission type'))).toEqual(['Version update']);
    expect(ticked(section(text(), 'Risk level'))).toEqual(['High risk']);
  });

  it("says the changes in the changelog's words", () => {
    expect(section(text(), 'What changed')).toBe('### Added\n\n- Something.');
  });

  it('of an update, says whether it breaks something', () => {
    expect(section(text({ isUpdate: true }), 'What changed')).toContain('There are no breaking changes.');
    const breaking = '### Changed\n\n- **Breaking:** other names.';
    expect(section(text({ isUpdate: true, changes: breaking }), 'What changed')).toBe(breaking);
  });

  it('discloses what scanners will see, with the limits that go with a high risk', () => {
    const notes = section(text(), 'Security and privacy notes');
    expect(notes).toContain("- command execution: `main.py:37` `os.execv('node')`");
    expect(notes).toMatch(/limited to/);
    expect(section(text({ signals: [] }), 'Security and privacy notes')).toContain('- none');
  });

  it('shows what was run, gives the reason for the SDK, and hands on the warnings', () => {
    expect(section(text(), 'Local validation')).toBe(
      '```\nnpm run package -- --marketplace\n  0 errors\n```',
    );
    expect(section(text(), 'Reviewer notes')).toContain(
      '`dify_plugin>=0.9.0,<1.0.0` is in `requirements.txt`',
    );
    expect(section(text(), 'Reviewer notes')).toContain('- warning: a.sh ends in .sh');
  });

  it('ticks nothing that only a person can say', () => {
    expect(ticked(section(text(), 'Required checks')).join()).not.toMatch(/Agreement|Cloud|I have/);
  });

  it('leaves no field open, and is in English', () => {
    expect(text()).not.toContain('{{');
    expect(text()).not.toMatch(/[\u3400-\u9fff]/);
    expect(text()).not.toContain('<!--');
  });

  it('a field of the template that nothing is known of is an error', () => {
    expect(() => pullRequestText('{{mood}}', submission)).toThrow('a field {{mood}}');
  });

  it('takes nothing in a value for a field', () => {
    expect(text({ changes: 'now with {{author}} and $& and $1' })).toContain(
      'now with {{author}} and $& and $1',
    );
  });
});

describe('a changelog', () => {
  const changelog = `# Changelog

## [Unreleased]

- Soon.

## [1.10.0] - 2026-02-03

### Fixed

- This.

## 1.1.0

- That.

[Unreleased]: https://example.org/compare
[1.10.0]: https://example.org/1.10.0
`;

  it.each([
    ['1.10.0', '### Fixed\n\n- This.'],
    ['1.1.0', '- That.'],
    ['1.1', undefined],
    ['2.0.0', undefined],
  ])('of the version %s', (version, changes) => {
    expect(changesOf(changelog, version)).toBe(changes);
  });
});
