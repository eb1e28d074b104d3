import { describe, expect, it } from 'vitest';
import { signalsIn } from '../../../scripts/package/checks/capabilities.ts';
import { packageOf } from './good-package.ts';

describe('capabilities that a submission has to disclose', () => {
  const signals = (path: string, text: string) => signalsIn(packageOf({ [path]: text }));

  it.each([
    ['command execution', 'os.execv(node, command)'],
    ['command execution', 'subprocess.check_output([node])'],
    ['code execution', 'eval(text)'],
    ['SQL or database access', 'cursor.execute("x")'],
    ['filesystem operations', 'shutil.copyfile(a, b)'],
    ['arbitrary network requests', 'requests.get(url)'],
  ])('%s: %s', (capability, line) => {
    expect(signals('main.py', `# ${line}\n  ${line}\n`)).toEqual([{ capability, where: 'main.py:2', line }]);
  });

  it('none in what scanners do not read, and none where a word only looks like one', () => {
    expect(signals('runtime/index.cjs', 'eval(text)')).toEqual([]);
    expect(signals('main.py', 're.compile(text); model.eval(); select = 1')).toEqual([]);
  });
});
