/**
 * `node --import` this before a program: it ends the program at its first write to stdout, and writes instead what had been
 * written and which modules had been loaded until then, as JSON.
 */
import { writeSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { Writable } from 'node:stream';

const modules: string[] = [];

registerHooks({
  resolve(specifier, context, next) {
    const resolved = next(specifier, context);
    modules.push(resolved.url);
    return resolved;
  },
});

const stdout = new Writable({
  write(written: Buffer) {
    writeSync(1, JSON.stringify({ written: written.toString(), modules }));
    process.exit();
  },
});
Object.defineProperty(process, 'stdout', { value: stdout });
