import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { packageChecksum } from '../../scripts/package/checksum.ts';
import type { PackageFile } from '../../scripts/package/package-file.ts';
import { signedZip, verifySignature, withVerification } from '../../scripts/package/signature.ts';
import { zip } from '../../scripts/package/zip.ts';

const newKeys = () =>
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'pkcs1', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
const ours = newKeys();
const others = newKeys();
const time = Date.UTC(2026, 0, 2) / 1000;

const files: PackageFile[] = [
  { path: 'manifest.yaml', content: Buffer.from('name: a\n') },
  { path: 'Z.txt', content: Buffer.from('Z') },
  { path: '_assets/icon.svg', content: Buffer.from('<svg/>') },
];
const signed = () => signedZip(withVerification(files), ours.privateKey, time);

/** What a host signs over, as Python sees the zip: the hash of each file, in its order, and the time of the comment. */
const READ = `
import base64, hashlib, io, json, sys, zipfile
archive = zipfile.ZipFile(io.BytesIO(sys.stdin.buffer.read()))
assert archive.testzip() is None
comment = json.loads(archive.comment)
signed = b''.join(hashlib.sha256(archive.read(entry)).digest() for entry in archive.infolist())
print(json.dumps({
    'names': archive.namelist(),
    'verification': archive.read('.verification.dify.json').decode(),
    'signed': base64.b64encode(signed + str(comment['time']).encode()).decode(),
    **comment,
}))`;

describe('a signed package', () => {
  it("is a zip whose comment signs all of its files, for who reads it by a host's rules", () => {
    const read = JSON.parse(execFileSync('python3', ['-c', READ], { input: signed(), encoding: 'utf8' }));
    expect(read.names).toEqual(['.verification.dify.json', 'Z.txt', '_assets/icon.svg', 'manifest.yaml']);
    expect(JSON.parse(read.verification)).toEqual({ authorized_category: 'community' });
    expect(read.time).toBe(time);
    const bytes = Buffer.from(read.signed, 'base64');
    expect(verify('sha256', bytes, ours.publicKey, Buffer.from(read.signature, 'base64'))).toBe(true);
  });

  it.each([
    ['public', ours.publicKey],
    ['private', ours.privateKey],
  ])('is verified by the %s key', (_which, key) => {
    expect(verifySignature(signed(), key)).toMatchObject({
      signedAt: new Date('2026-01-02'),
      category: 'community',
    });
  });

  it('is the same each time but for the time', () => {
    expect(Buffer.compare(signed(), signed())).toBe(0);
  });

  it('has a checksum of its own: hosts count the file that says who signed', () => {
    expect(packageChecksum(withVerification(files))).not.toBe(packageChecksum(files));
  });
});

describe('a package that is refused', () => {
  it('was signed with another key', () => {
    expect(() => verifySignature(signed(), others.publicKey)).toThrow(
      'not of this key, or the package was changed',
    );
  });

  it('was changed', () => {
    const changed = withVerification([
      ...files.slice(1),
      { path: 'manifest.yaml', content: Buffer.from('name: b\n') },
    ]);
    const comment = Buffer.from(signed()).subarray(Buffer.from(signed()).lastIndexOf('{"signature"'));
    const forged = Buffer.concat([zip(changed), comment]);
    forged.writeUInt16LE(comment.length, forged.length - comment.length - 2);
    expect(() => verifySignature(forged, ours.publicKey)).toThrow(
      'not of this key, or the package was changed',
    );
  });

  /** Puts another name in the place of Z.txt. Contents and order stay, so that the signature holds. */
  const renamed = (name: string): Buffer =>
    Buffer.from(Buffer.from(signed()).toString('latin1').replaceAll('Z.txt', name), 'latin1');

  it.each([
    ['has names that were exchanged', 'a.txt', '"_assets/icon.svg" is behind "a.txt"'],
    ['has a path that leads out of it', '../.x', '"../.x" is no path for a package.'],
    ['has an absolute path', '/.txt', '"/.txt" is no path for a package.'],
    ['has a folder', 'Z.tx/', '"Z.tx/" is no path for a package.'],
  ])('%s, which the signature does not cover (issue 16, point 15)', (_, name, message) => {
    expect(verifySignature(renamed('Y.txt'), ours.publicKey).files.map(({ path }) => path)).toContain(
      'Y.txt',
    );
    expect(() => verifySignature(renamed(name), ours.publicKey)).toThrow(message);
  });

  it.each([
    ['is not signed', zip(files), 'The package is not signed.'],
    [
      'has a comment of another kind',
      Buffer.concat([zip(files).subarray(0, -2), Buffer.from([2, 0, 0x7b, 0x7d])]),
      'The package is not signed.',
    ],
    ['is none', Buffer.from('<html>'), 'This is no package'],
    ['is empty', Buffer.alloc(0), 'This is no package'],
  ])('%s', (_what, archive, message) => {
    expect(() => verifySignature(archive, ours.publicKey)).toThrow(message);
  });
});

it('a key of another kind is refused before anything is signed', () => {
  const { privateKey } = generateKeyPairSync('ed25519', {
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  expect(() => signedZip(files, privateKey, time)).toThrow('The key is of the type ed25519.');
});
