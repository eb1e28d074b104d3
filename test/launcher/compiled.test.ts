import { spawn } from 'node:child_process';
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launcherFiles } from '../../scripts/package/launcher.ts';
import { writeFiles } from '../../scripts/package/package-file.ts';

/**
 * Prints a word; what is written to it ends a session, in which a function runs for the first time. After `again`, the
 * next one is open.
 */
const bundle = (word: string) => `
function say() { process.stdout.write('${word}\\n'); }
function answer() { let x = 0; ${'x += process.pid; '.repeat(200)} return x; }
say();
const idle = require('node:diagnostics_channel').channel('dify.idle');
process.stdin.on('data', data => { answer(); idle.publish(true); if (data.includes('again')) idle.publish(false); });
`;

/** What start.cjs keeps of what V8 compiled. */
describe('the compiled form of the bundle', () => {
  const folder = mkdtempSync(join(tmpdir(), 'compiled-'));
  const compiled = join(folder, 'compiled');
  const files = () => globSync('*', { cwd: compiled }).map(name => join(compiled, name));
  const bytes = () => files().map(file => statSync(file).size);

  beforeAll(() => writeFiles(launcherFiles({ name: 'x', bundleBytes: 0 }), folder));
  beforeEach(() => {
    rmSync(compiled, { recursive: true, force: true });
    writeFileSync(join(folder, 'runtime/index.cjs'), bundle('one'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** Runs the bundle until `until` resolves. @returns what it printed */
  async function run(until: (write: (words: string) => void) => Promise<unknown> = () => Promise.resolve()) {
    const child = spawn(process.execPath, [join(folder, 'runtime/start.cjs')]);
    const printed = Promise.all([text(child.stdout), text(child.stderr)]);
    await until(words => child.stdin.write(words));
    child.stdin.end();
    return printed;
  }

  const whenKept = (largerThan = 0) =>
    expect.poll(bytes, { timeout: 20_000 }).toEqual([expect.toSatisfy(size => size > largerThan)]);

  it('is kept soon after a start, and with what a first session needed', async () => {
    expect(await run(() => whenKept())).toEqual(['one\n', '']);
    const [size = 0] = bytes();
    const grown = async (write: (words: string) => void) => {
      write('a line\n');
      await whenKept(size * 1.1);
    };
    expect(await run(grown)).toEqual(['one\n', '']);
  });

  it('is not looked at while a session is open', async () => {
    await run(() => whenKept());
    const before = bytes();
    await run(write => {
      write('again\n');
      return setTimeout(2_000);
    });
    expect(bytes()).toEqual(before);
  });

  it('is not taken for a bundle of the same length that says something else', async () => {
    await run(() => whenKept());
    writeFileSync(join(folder, 'runtime/index.cjs'), bundle('two'));
    expect(await run()).toEqual(['two\n', '']);
  });

  it.each([
    ['is empty', (code: Buffer) => code.subarray(0, 0)],
    ['is shorter than its head', (code: Buffer) => code.subarray(0, 5)],
    ['was cut', (code: Buffer) => code.subarray(0, code.length / 2)],
    ['has a wrong byte at its start', (code: Buffer) => code.fill(~(code[9] ?? 0), 9, 10)],
    [
      'has wrong bytes in its middle',
      (code: Buffer) => code.fill(0x55, code.length / 2, code.length / 2 + 64),
    ],
    ['has a wrong byte at its end', (code: Buffer) => code.fill(~(code.at(-1) ?? 0), code.length - 1)],
  ])('is made anew where it %s', async (_, spoil) => {
    await run(() => whenKept());
    const [file = ''] = files();
    const spoilt = spoil(readFileSync(file));
    writeFileSync(file, spoilt);
    const isAnew = () =>
      expect.poll(() => readFileSync(file).equals(spoilt), { timeout: 20_000 }).toBe(false);
    expect(await run(isAnew)).toEqual(['one\n', '']);
  });

  it('is made anew where a folder stands in its place', async () => {
    await run(() => whenKept());
    const [file = ''] = files();
    rmSync(file);
    mkdirSync(file);
    const isAnew = () => expect.poll(() => statSync(file).isFile(), { timeout: 20_000 }).toBe(true);
    expect(await run(isAnew)).toEqual(['one\n', '']);
  });

  it('stops one start at most where V8 crashes at it', async () => {
    await run(() => whenKept());
    const [file = ''] = files();
    const spoilt = readFileSync(file).fill(0, 8 + 40); // with V8's own head of 32 bytes as it was
    spoilt.writeUInt32LE(crc32(spoilt.subarray(8)), 4);
    writeFileSync(file, spoilt);
    await run();
    expect(await run()).toEqual(['one\n', '']);
    expect(await run(() => whenKept())).toEqual(['one\n', '']);
  });

  it('takes no memory once it is written', async () => {
    const lines = 'x += process.pid; '.repeat(20_000);
    writeFileSync(
      join(folder, 'runtime/index.cjs'),
      `function answer() { let x = 0; ${lines} return x; }
      answer();
      process.stdin.on('data', () => process.stdout.write(String(process.memoryUsage().arrayBuffers)));`,
    );
    const [arrayBuffers] = await run(async write => {
      await whenKept(200_000);
      write('a line\n');
    });
    expect(Number(arrayBuffers)).toBeLessThan(bytes()[0] ?? 0);
  });

  it('does not bring back a folder that was removed, into which a host would unpack nothing', async () => {
    const moved = `${folder}-moved`;
    const tried = async (write: (words: string) => void) => {
      await setTimeout(500);
      renameSync(folder, moved);
      write('a line\n');
      await setTimeout(2_000);
    };
    try {
      expect(await run(tried)).toEqual(['one\n', '']);
      expect(existsSync(folder)).toBe(false);
    } finally {
      rmSync(folder, { recursive: true, force: true });
      renameSync(moved, folder);
    }
  });

  it.each([
    ['its folder cannot be made', () => writeFileSync(compiled, '')],
    [
      'it can neither be put there nor be taken away',
      () => {
        const kept = join(compiled, `${process.arch}-${process.version}`);
        for (const path of [kept, `${kept}.tried`]) mkdirSync(join(path, 'folder'), { recursive: true });
      },
    ],
  ])('is done without where %s', async (_, hinder) => {
    hinder();
    const before = readdirSync(folder, { recursive: true });
    const tried = (write: (words: string) => void) => {
      write('a line\n');
      return setTimeout(2_000); // one that fails to keep it would have ended with an error
    };
    expect(await run(tried)).toEqual(['one\n', '']);
    expect(readdirSync(folder, { recursive: true })).toEqual(before);
  });
});
