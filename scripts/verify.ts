import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { packageChecksum } from './package/checksum.ts';
import { packageName } from './package/make-package.ts';
import { verifyNode } from './package/offline/verify-node.ts';
import { verifySignature } from './package/signature.ts';
import { readPlugin } from './plugin.ts';

const HELP = `npm run verify -- --key KEY           whether this plugin's package is as the owner of a key (PEM) signed it
npm run verify -- FILE --key KEY      whether another package is
npm run verify -- FOLDER --key KEY    whether the package of another plugin is, such as examples/openai-compatible
`;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { key: { type: 'string' } } });
  if (values.key === undefined) throw new Error(HELP);
  const file = packageOf(positionals[0]);
  const { signedAt, category, files } = verifySignature(
    await readFile(file),
    await readFile(values.key, 'utf8'),
  );
  const node = await verifyNode(files);
  console.log(
    `${file} was signed with this key at ${signedAt.toISOString()}, category ${category ?? 'none'}.
The signature is over the contents of its ${files.length} files and their order. It is not over their names: those are
in the checksum, ${packageChecksum(files)},
which the publisher's own must equal: npm run package prints it.`,
  );
  if (node !== undefined) console.log(node);
}

/** A file is a package; a folder is a plugin, whose package `npm run package` has written. */
function packageOf(path: string | undefined): string {
  if (path !== undefined && statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return path;
  const plugin = readPlugin(path);
  return join(plugin.root, 'dist', packageName(plugin));
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
