import type { SoundWriter } from '../plugin.ts';
import type { Session } from '../session.ts';

/** Bytes of sound in one message. Twice as many in hex, that is one write, and far below the longest line of a host. */
const MESSAGE_BYTES = 128 * 1024;

/** Sound as a host wants it: in hex, in messages of moderate length; one without bytes is a message too. */
export function soundWriter(session: Session): SoundWriter {
  return {
    async write(bytes, mimeType) {
      const tail = `","mime_type":${JSON.stringify(mimeType)}}`;
      let from = 0;
      do {
        // Hex needs no escapes, so no serialiser has to look through it.
        const hex = bytes.toString('hex', from, Math.min(from + MESSAGE_BYTES, bytes.length));
        const backlog = session.writeJson(`{"result":"${hex}${tail}`);
        if (backlog) await backlog;
        from += MESSAGE_BYTES;
      } while (from < bytes.length);
    },
  };
}
