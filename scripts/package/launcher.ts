import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { nodeVariable } from '../../src/dify/serve/node-variable.ts';
import { projectRoot } from '../project.ts';
import type { PackageFile } from './package-file.ts';

/** The Node.js that a package carries, as the launcher has to find it. */
export interface PackedNode {
  /** What the launcher compares its own system with: `linux-amd64`. */
  readonly system: string;
  /** Of the program, unpacked. */
  readonly bytes: number;
  /** Of the program, in hexadecimal. */
  readonly sha256: string;
}

/** What the launcher is told of its package. */
export interface LauncherFacts {
  /** The plugin's name in its manifest. */
  readonly name: string;
  readonly bundleBytes: number;
  readonly node?: PackedNode | undefined;
}

const FOLDER = join(projectRoot, 'launcher');
const MODULES = ['__init__.py', 'remedy.py', 'runnable.py', 'strangers.py'].map(
  name => `node_launcher/${name}`,
);

/** What starts Node.js in a package: a host runs `main.py`, and installs `requirements.txt`. */
export function launcherFiles(facts: LauncherFacts): readonly PackageFile[] {
  const isOffline = facts.node !== undefined;
  const paths = ['main.py', ...MODULES, isOffline ? 'node_launcher/packed.py' : 'requirements.txt'];
  const files = paths.map(path => ({ path, content: readFileSync(join(FOLDER, path)) }));
  const start = startProgram();
  const written = {
    'node_launcher/facts.py': factsModule(facts, start.length),
    'runtime/start.cjs': start,
    ...(isOffline && NO_REQUIREMENTS),
  };
  return [...files, ...Object.entries(written).map(([path, text]) => ({ path, content: Buffer.from(text) }))];
}

/** What runs the bundle. */
function startProgram(): string {
  const { outputFiles } = buildSync({
    entryPoints: [join(FOLDER, 'start.ts')],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node22.19',
    charset: 'ascii',
    write: false,
  });
  return outputFiles[0]?.text ?? '';
}

/** Hosts want the file; with nothing in it they ask no index. */
const NO_REQUIREMENTS = {
  'requirements.txt': '# Nothing: the Node.js that runs the plugin is in runtime/node.xz.\n',
};

/** Without what else belongs to a Node.js that goes into a package. */
function packedNode({ system, bytes, sha256 }: PackedNode): PackedNode {
  return { system, bytes, sha256 };
}

/** Names and numbers as JSON writes them are Python's too. */
function factsModule({ name, bundleBytes, node }: LauncherFacts, startBytes: number): string {
  return `"""What the launcher knows of its package. Written when the package was made."""

PLUGIN = ${JSON.stringify(name)}
# Names another Node.js to run the plugin with.
NODE_VARIABLE = ${JSON.stringify(nodeVariable(name))}
BUNDLE_BYTES = ${bundleBytes}
START_BYTES = ${startBytes}
# The Node.js in this package, or None where the one of the Python environment is used.
NODE = ${node === undefined ? 'None' : JSON.stringify(packedNode(node))}
`;
}
