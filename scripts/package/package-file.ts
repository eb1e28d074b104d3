/** A file of a package. */
export interface PackageFile {
  /** Relative, with forward slashes. */
  readonly path: string;
  readonly content: Uint8Array;
}

/** The order of files in a package: that of the bytes of their paths, as Go sorts texts. */
export function byPath(a: PackageFile, b: PackageFile): number {
  return Buffer.compare(Buffer.from(a.path), Buffer.from(b.path));
}
