import type { PackageFile } from '../package-file.ts';
import { error, type Finding, nameOf, suffixOf, warning } from './check.ts';

/** How programs begin, in hexadecimal. */
const PROGRAMS: readonly (readonly [start: string, what: string])[] = [
  ['7f454c46', 'a program or library of Linux'],
  ['4d5a', 'a program or library of Windows'],
  ['feedface', 'a program of macOS'],
  ['feedfacf', 'a program of macOS'],
  ['cefaedfe', 'a program of macOS'],
  ['cffaedfe', 'a program of macOS'],
  ['cafebabe', 'a program of macOS'],
  ['cafebabf', 'a program of macOS'],
];
const LIBRARIES = new Set(['.dll', '.dylib', '.exe', '.node', '.pyd', '.so']);
const DOUBTFUL = new Set(['.app', '.bin', '.command', '.run', '.sh']);

/** That a package holds no machine code. Inside of a wheel it is a matter for the reviewer. */
export function* checkBinaries(files: readonly PackageFile[]): Generator<Finding> {
  for (const { path, content } of files) {
    const refuse = /\.whl\//.test(path) ? warning : error;
    const start = Buffer.from(content.subarray(0, 4)).toString('hex');
    const program = PROGRAMS.find(([head]) => start.startsWith(head));
    if (program !== undefined) yield refuse(path, `is ${program[1]}`);
    if (LIBRARIES.has(suffixOf(path))) yield refuse(path, `ends in ${suffixOf(path)}, as machine code does`);
    if (DOUBTFUL.has(suffixOf(path))) yield warning(path, `ends in ${suffixOf(path)}`);
    if (/^dify-plugin-(linux|darwin|windows)-/i.test(nameOf(path)))
      yield error(path, "is named like the host's own program");
  }
}
