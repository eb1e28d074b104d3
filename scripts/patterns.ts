/**
 * Part of the lint: says which regular expressions take more than linear time on some text, with a text that shows it. Most
 * texts come from a server or a host, and one that is matched for seconds stops every other session.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { parse, type Token } from 'acorn';
import { check } from 'recheck';
import { projectRoot } from './project.ts';

/** What is beside the packaged program is given nothing by strangers. */
const FOLDERS = ['src', 'models', 'examples', 'launcher'];
/** By automata alone, and however long they take: then the verdict depends on no chance and no machine. */
const OPTIONS = { checker: 'automaton', timeout: null } as const;

interface Pattern {
  readonly source: string;
  readonly flags: string;
}

const files = execFileSync('git', ['ls-files', ...FOLDERS], { cwd: projectRoot, encoding: 'utf8' })
  .split('\n')
  .filter(file => file.endsWith('.ts') && !file.endsWith('.d.ts'));
const found = await Promise.all(
  files.flatMap(file =>
    patternsIn(readFileSync(`${projectRoot}/${file}`, 'utf8')).map(pattern => judge(file, pattern)),
  ),
);
const complaints = found.filter(complaint => complaint !== undefined);
for (const complaint of complaints) console.error(complaint);
process.exit(complaints.length > 0 ? 1 : 0); // the checker's own process would go on

/** The literals in a file. Patterns that are put together at run time are made of these, or of nothing from outside. */
function patternsIn(code: string): Pattern[] {
  const patterns: Pattern[] = [];
  const onToken = (token: Token) => {
    if (token.type.label !== 'regexp') return;
    const { pattern, flags } = (token as Token & { readonly value: { pattern: string; flags: string } })
      .value;
    patterns.push({ source: pattern, flags });
  };
  parse(stripTypeScriptTypes(code), { ecmaVersion: 'latest', sourceType: 'module', onToken });
  return patterns;
}

async function judge(file: string, { source, flags }: Pattern): Promise<string | undefined> {
  const verdict = await check(source, flags, OPTIONS);
  if (verdict.status !== 'vulnerable') return undefined;
  return `${file}: /${source}/${flags} takes ${verdict.complexity.summary} time, as on ${verdict.attack.pattern}`;
}
