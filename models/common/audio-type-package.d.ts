/** The package has no types of its own. */
declare module 'audio-type' {
  /** Tells an audio file by the memory of a buffer from its first byte, whatever part of it the buffer is. */
  function audioType(file: Uint8Array<ArrayBuffer>): string | undefined;
  export = audioType;
}
