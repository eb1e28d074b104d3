import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { verifySignature } from './package/signature.ts';

const HELP = `npm run verify -- FILE --key KEY    whether a package is as the owner of a key (PEM) signed it`;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { key: { type: 'string' } } });
  const [file] = positionals;
  if (file === undefined || values.key === undefined) throw new Error(HELP);
  const { signedAt, category } = verifySignature(await readFile(file), await readFile(values.key, 'utf8'));
  console.log(
    `${file} was signed with this key at ${signedAt.toISOString()}, category ${category ?? 'none'}.`,
  );
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
