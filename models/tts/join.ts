import { InvokeServerUnavailableError } from '../../src/dify/index.ts';
import { fieldName } from '../common/form-labels.ts';
import { soundingFrames } from './mp3.ts';
import type { Sound } from './sound.ts';
import { openWavHeader, parseWav } from './wav.ts';

/**
 * What can be joined while it is spoken. Players read a FLAC file, or an Ogg stream with another one behind it, to the end
 * of the first: libsndfile, sox, oggdec and flac were all seen to lose the rest (ffmpeg and opusdec were not). MP4 and WebM
 * have tables for the whole. A text that becomes one of these is asked for in one piece.
 */
const JOINABLE: ReadonlySet<string> = new Set(['mp3', 'wav', 'aac', 'pcm', 'raw']);

/** @param format as it is asked for, or the container that came */
export function isJoinable(format: string): boolean {
  return JOINABLE.has(format);
}

/**
 * Makes one stream of the sounds of a text's pieces, the first of a joinable container: the host puts what it gets end to end
 * into one file.
 */
export class SoundJoiner {
  #first: Sound | undefined;
  #wavFormat: Buffer | undefined;

  /**
   * @param sound of the next piece
   * @returns what the stream goes on with
   * @throws InvokeServerUnavailableError when it is of another kind than those before
   */
  join(sound: Sound): Buffer[] {
    const isFirst = this.#first === undefined;
    this.#first ??= sound;
    if (this.#first.mimeType !== sound.mimeType || !isJoinable(sound.container))
      throw mixed(this.#first.mimeType, sound.mimeType);
    switch (sound.container) {
      case 'wav':
        return this.#joinWav(sound.bytes, isFirst);
      case 'mp3':
        // No length is told then, as of any MP3 that is streamed: players find the end when they are there.
        return [soundingFrames(sound.bytes) ?? sound.bytes];
      default:
        return [sound.bytes]; // samples and ADTS frames follow each other as they are
    }
  }

  #joinWav(bytes: Buffer, isFirst: boolean): Buffer[] {
    const wav = parseWav(bytes);
    if (wav === undefined) throw mixed('audio/wav', 'audio/wav without samples');
    this.#wavFormat ??= wav.format;
    if (!this.#wavFormat.equals(wav.format)) throw mixed('audio/wav', 'audio/wav of another sample format');
    return isFirst ? [openWavHeader(wav.format), wav.samples] : [wav.samples];
  }
}

function mixed(before: string, now: string): InvokeServerUnavailableError {
  return new InvokeServerUnavailableError(
    `The model spoke one part of the text as ${before} and the next as ${now}, which makes no playable whole. ` +
      `Choose another ${fieldName('audio_format')} in the credentials.`,
  );
}
