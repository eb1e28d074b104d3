import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const root = join(import.meta.dirname, '..');
const folder = join(root, '.github/workflows');
const workflows = readdirSync(folder).map(name => [name, readFileSync(join(folder, name), 'utf8')] as const);
const usesIn = (text: string) => [...text.matchAll(/uses: (\S+)( # (\S+))?$/gm)];

describe.each(workflows)('%s', (_name, text) => {
  it('pins each action to a commit, with its version beside it', () => {
    for (const [line, action = '', , version] of usesIn(text)) {
      if (action.startsWith('./')) expect(existsSync(join(root, action)), line).toBe(true);
      else expect(`${action} ${version}`).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40} v\d+\.\d+\.\d+$/);
    }
  });

  it('may do no more than read, unless a job says so', () => {
    expect((parse(text) as { permissions: unknown }).permissions).toEqual({ contents: 'read' });
  });

  it('runs programs that are there', () => {
    const programs = [...text.matchAll(/\bnode ((?:scripts|src)\/\S+)/g)].map(([, path = '']) => path);
    expect(programs.filter(path => !existsSync(join(root, path)))).toEqual([]);
  });

  it('gives a secret to the one step that needs it, in whose environment alone it is', () => {
    const { jobs, env } = parse(text) as {
      env?: object;
      jobs: Record<string, { env?: object; steps?: object[] }>;
    };
    const wide = [env, ...Object.values(jobs).map(job => job.env)];
    expect(JSON.stringify(wide)).not.toMatch(/secrets\.|github\.token/);
    for (const { steps = [] } of Object.values(jobs)) {
      const holders = steps.filter(step => JSON.stringify(step).includes('secrets.'));
      const names = holders.flatMap(step => JSON.stringify(step).match(/secrets\.\w+/g) ?? []);
      expect(new Set(names).size).toBe(names.length);
      for (const step of holders) expect(step).not.toHaveProperty('uses');
    }
  });

  it('takes nothing that others write into a shell but through the environment', () => {
    const { jobs } = parse(text) as { jobs: Record<string, { steps?: { run?: string }[] }> };
    const commands = Object.values(jobs).flatMap(({ steps = [] }) => steps.map(({ run = '' }) => run));
    expect(commands.filter(command => command.includes('${{'))).toEqual([]);
  });
});

it('all workflows pin an action to the same commit', () => {
  const commits = new Map<string, Set<string>>();
  for (const [, action = ''] of workflows.flatMap(([, text]) => usesIn(text))) {
    const [name = '', commit = ''] = action.split('@');
    commits.set(name, (commits.get(name) ?? new Set()).add(commit));
  }
  expect([...commits].filter(([, pins]) => pins.size > 1)).toEqual([]);
  expect(commits.size).toBeGreaterThan(2);
});
