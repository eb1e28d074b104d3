import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { unzipSync } from 'fflate';
import type { PackageFile } from './package-file.ts';
import { byPath } from './package-file.ts';
import { isPlain, zip } from './zip.ts';

/** A host reads from this file of a signed package who vouches for it. */
const VERIFICATION = '.verification.dify.json';
/** The end of a zip without a comment: two bytes that give the comment's length come last. */
const END_BYTES = 22;
const END_SIGNATURE = 0x06_05_4b_50;

/** What a signature says. */
export interface Signature {
  readonly signedAt: Date;
  /** `community` of a publisher's own key; undefined where the package does not say. */
  readonly category: string | undefined;
  /** What was signed, in the order of the package. */
  readonly files: readonly PackageFile[];
}

/** The files of a signed package: with the one that says who vouches for it. */
export function withVerification(files: readonly PackageFile[]): readonly PackageFile[] {
  const content = Buffer.from(JSON.stringify({ authorized_category: 'community' }));
  return [...files, { path: VERIFICATION, content }];
}

/**
 * A package that hosts take whose operator trusts the key: RSA over the hash of each file in the order of the zip, and
 * the time.
 * @param files as {@link withVerification} gives them
 * @param privateKey PEM
 * @param time seconds since 1970
 * @throws Error when the key is no RSA key
 */
export function signedZip(files: readonly PackageFile[], privateKey: string, time: number): Uint8Array {
  const key = rsaKey(createPrivateKey(privateKey));
  const contents = [...files].sort(byPath).map(({ content }) => content);
  const signature = sign('sha256', signedBytes(contents, time), key).toString('base64');
  return withComment(zip(files), JSON.stringify({ signature, time }));
}

/**
 * Checks that a package is as the owner of a key signed it. The signature is over the contents of the files and their
 * order, not their names: names of which one was exchanged for another are out of order, and refused. A name that was
 * changed and keeps its place is seen in the package's checksum alone.
 * @param publicKey PEM; a private one does as well
 * @throws Error that says why it is not
 */
export function verifySignature(archive: Uint8Array, publicKey: string): Signature {
  const { signature, time } = readComment(archive);
  const files = unzipInOrder(archive);
  checkPaths(files);
  const contents = files.map(({ content }) => content);
  const key = rsaKey(createPublicKey(publicKey));
  if (!verify('sha256', signedBytes(contents, time), key, Buffer.from(signature, 'base64'))) {
    throw new Error('The signature is not of this key, or the package was changed after it was signed.');
  }
  return { signedAt: new Date(time * 1000), category: categoryOf(files), files };
}

function signedBytes(contents: readonly Uint8Array[], time: number): Buffer {
  const hashes = contents.map(content => createHash('sha256').update(content).digest());
  return Buffer.concat([...hashes, Buffer.from(String(time))]);
}

function rsaKey(key: KeyObject): KeyObject {
  if (key.asymmetricKeyType === 'rsa') return key;
  throw new Error(`The key is of the type ${key.asymmetricKeyType}. Hosts take RSA keys alone.`);
}

function withComment(archive: Uint8Array, comment: string): Uint8Array {
  const text = Buffer.from(comment);
  const whole = Buffer.concat([archive, text]);
  whole.writeUInt16LE(text.length, archive.length - 2);
  return whole;
}

function readComment(archive: Uint8Array): { signature: string; time: number } {
  const bytes = Buffer.from(archive.buffer, archive.byteOffset, archive.byteLength);
  for (let at = bytes.length - END_BYTES; at >= Math.max(0, bytes.length - END_BYTES - 0xff_ff); at--) {
    if (
      bytes.readUInt32LE(at) !== END_SIGNATURE ||
      bytes.readUInt16LE(at + 20) !== bytes.length - at - END_BYTES
    )
      continue;
    const comment = parseJson(bytes.toString('utf8', at + END_BYTES));
    if (typeof comment['signature'] === 'string' && Number.isSafeInteger(comment['time'])) {
      return { signature: comment['signature'], time: Number(comment['time']) };
    }
    throw new Error('The package is not signed.');
  }
  throw new Error('This is no package: it is not a zip.');
}

/** The files in the order of the zip, which is part of what was signed. */
function unzipInOrder(archive: Uint8Array): PackageFile[] {
  const paths: string[] = [];
  const contents = unzipSync(archive, {
    filter: ({ name }) => {
      paths.push(name);
      return true;
    },
  });
  return paths.map(path => ({ path, content: contents[path] ?? new Uint8Array() }));
}

/** That each path is one of the packager's, and stands where the packager puts it. */
function checkPaths(files: readonly PackageFile[]): void {
  for (const [index, file] of files.entries()) {
    if (!isPlain(file.path)) throw new Error(`"${file.path}" is no path for a package.`);
    const before = files[index - 1];
    if (before !== undefined && byPath(before, file) >= 0)
      throw new Error(
        `"${file.path}" is behind "${before.path}": names were exchanged, or others made this package.`,
      );
  }
}

function categoryOf(files: readonly PackageFile[]): string | undefined {
  const file = files.find(({ path }) => path === VERIFICATION);
  const category = file && parseJson(Buffer.from(file.content).toString('utf8'))['authorized_category'];
  return typeof category === 'string' ? category : undefined;
}

/** An object without fields where the text is no JSON object. */
function parseJson(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
