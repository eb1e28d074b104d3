import detect from 'audio-type';

/** What the first bytes of a recording or of synthesised sound say about it. */
export interface AudioType {
  /** As file names have it, without a dot: `wav`, `mp3`, `m4a`, `opus`, `webm`, `amr`, ... */
  readonly extension: string;
  readonly mimeType: string;
}

/** Bytes of the start that tell every type that people record in. */
const TELLING_BYTES = 4096;

const MIME_TYPES: Readonly<Record<string, string>> = {
  wav: 'audio/wav',
  mp3: 'audio/mpeg',
  m4a: 'audio/mp4',
  aac: 'audio/aac',
  flac: 'audio/flac',
  opus: 'audio/ogg',
  oga: 'audio/ogg',
  webm: 'audio/webm',
  mkv: 'video/x-matroska',
  amr: 'audio/amr',
  aiff: 'audio/aiff',
  caf: 'audio/x-caf',
  wma: 'audio/x-ms-wma',
};

/**
 * The type of a file by its content. Samples without a container can look like anything.
 * @param file or its first few thousand bytes
 * @returns undefined when nothing is recognised
 */
export function audioTypeOf(file: Uint8Array): AudioType | undefined {
  const start = new Uint8Array(file.subarray(0, TELLING_BYTES)); // in memory of its own, which is what is looked at
  const extension = detect(start);
  if (extension === undefined) return undefined;
  return { extension, mimeType: MIME_TYPES[extension] ?? 'application/octet-stream' };
}
