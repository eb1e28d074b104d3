/** `node:crypto`, loaded when it is first needed: it takes 8 ms of CPU and a megabyte, and no start needs it. */
export function nodeCrypto(): typeof import('node:crypto') {
  return process.getBuiltinModule('node:crypto');
}
