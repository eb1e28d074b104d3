import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { parseArgs } from 'node:util';
import { findingLine } from './package/checks/checks.ts';
import { makePackage, type Package } from './package/make-package.ts';
import { makeSubmission } from './package/make-submission.ts';
import { systemOf } from './package/offline/systems.ts';
import { makeServerPackage } from './package/one-server/make-server-package.ts';
import { type Plugin, readPlugin } from './plugin.ts';

const HELP = `npm run package                     a package to install into Dify
npm run package -- FOLDER           one of another plugin, such as examples/openai-compatible
npm run package -- --offline linux-amd64    one that needs no network at its installation, or linux-arm64
npm run package -- --models-of http://host:9997 [--api-key KEY]    one that brings along the models of a server
npm run package -- --marketplace    one to submit to the Dify Marketplace, with the text of its pull request

  --api-key KEY  if that server asks for one; XINFERENCE_API_KEY does the same. It does not enter the package
  --out FILE     where to write it; by default into dist/ of the plugin's folder
  --sign KEY     sign it with a private RSA key (PEM); the Marketplace signs by itself
  --update       with --marketplace: the Marketplace has an earlier version
`;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      out: { type: 'string' },
      sign: { type: 'string' },
      offline: { type: 'string' },
      'models-of': { type: 'string' },
      'api-key': { type: 'string' },
      marketplace: { type: 'boolean', default: false },
      update: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const { out, sign, offline, marketplace, update, help } = values;
  if (help) return console.log(HELP);
  const plugin = readPlugin(positionals[0]);
  const server = values['models-of'];
  if (!marketplace) {
    const signKey = sign && (await readFile(sign, 'utf8'));
    const system = offline === undefined ? undefined : systemOf(offline);
    const options = { out, signKey, system };
    if (server === undefined) return show(await makePackage(plugin, options));
    const apiKey = values['api-key'] ?? process.env['XINFERENCE_API_KEY'] ?? '';
    return show(await makeServerPackage(plugin, server, apiKey, options));
  }
  if (server !== undefined) throw new Error('The Marketplace is for everybody: leave out --models-of.');
  if (sign !== undefined) throw new Error('The Marketplace signs packages by itself: leave out --sign.');
  if (offline !== undefined)
    throw new Error('The Marketplace takes no program in a package: leave out --offline.');
  await submit(plugin, out, update);
}

async function submit(plugin: Plugin, out: string | undefined, isUpdate: boolean): Promise<void> {
  const { findings, written } = await makeSubmission(plugin, { out, isUpdate });
  for (const finding of findings) console.log(findingLine(finding));
  if (written === undefined)
    throw new Error('The Marketplace would refuse this package, so it was not written.');
  show(written.package);
  console.log(`${relative(process.cwd(), written.pullRequest)}  the text of the pull request`);
}

function show({ file, sbomFile, bytes, files, identifier }: Package): void {
  for (const { path, content } of files) console.log(`${String(content.length).padStart(9)}  ${path}`);
  const unpacked = files.reduce((sum, { content }) => sum + content.length, 0);
  console.log(`${String(unpacked).padStart(9)}  in ${files.length} files\n`);
  console.log(`${relative(process.cwd(), file)}  ${bytes} bytes`);
  console.log(`${relative(process.cwd(), sbomFile)}  the list of the software in it`);
  console.log(identifier);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
