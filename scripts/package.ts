import { relative } from 'node:path';
import { parseArgs } from 'node:util';
import { makePackage } from './package/make-package.ts';
import { projectRoot } from './project.ts';

const { values } = parseArgs({ options: { out: { type: 'string' } } });
const { file, bytes, files, identifier } = await makePackage(projectRoot, values.out);

for (const { path, content } of files) console.log(`${String(content.length).padStart(9)}  ${path}`);
const unpacked = files.reduce((sum, { content }) => sum + content.length, 0);
console.log(`${String(unpacked).padStart(9)}  in ${files.length} files\n`);
console.log(`${relative(process.cwd(), file)}  ${bytes} bytes`);
console.log(identifier);
