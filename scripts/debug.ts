import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pretty from 'pino-pretty';
import { readPlugin } from './plugin.ts';

// npm run debug [-- FOLDER]: serves a running Dify from source, whatever INSTALL_METHOD says, and starts anew at each
// change of the code, the YAML or the icons.
const [folder] = parseArgs({ allowPositionals: true }).positionals;
const { root, entry } = readPlugin(folder);
const files = ['manifest.yaml', 'provider/**', 'models/**/*.yaml', '_assets/**'];
const watched = files.flatMap(path => ['--include', join(root, path)]);
const tsx = createRequire(import.meta.url).resolve('tsx/cli');
const child = spawn(process.execPath, [tsx, 'watch', '--clear-screen=false', ...watched, entry], {
  env: { ...process.env, INSTALL_METHOD: 'remote' },
  stdio: ['inherit', 'pipe', 'inherit'],
});
child.stdout.pipe(pretty({ translateTime: 'SYS:HH:MM:ss' }));
child.on('exit', code => {
  process.exitCode = code ?? 1;
});
// A terminal sends these to the child as well, which takes a second one for impatience: this process waits for its end.
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
process.on('SIGTERM', () => child.kill('SIGTERM'));
