import { InvokeBadRequestError } from '../../src/dify/protocol/errors.ts';

/** The first characters of an image in base64, which stand for its first bytes. */
const SIGNATURES: readonly (readonly [start: RegExp, type: string])[] = [
  [/^iVBORw0KGg[o-r]/, 'png'],
  [/^\/9j\//, 'jpeg'],
  [/^R0lGOD[dl]h/, 'gif'],
  [/^UklGR.{6}XRUJQ/, 'webp'],
  [/^Qk[0-3]/, 'bmp'],
  [/^(?:SUkqA|TU0AK)/, 'tiff'],
];

/**
 * An image as Xinference takes it: a data URI, or a web address. Base64 without a type gets the one that its first bytes
 * tell. Anything else is refused, because a server would read it as the name of a file of its own.
 * @param content a data URI, base64, or a web address
 * @param what the image, for messages, such as `document 3`
 * @throws InvokeBadRequestError
 */
export function imageUrl(content: string, what: string): string {
  if (/^(?:https?:\/\/|data:image\/[\w.+-]+;base64,)/i.test(content)) return content;
  const base64 = content.replace(/^data:[^,]{0,100},/i, '');
  const type = SIGNATURES.find(([start]) => start.test(base64))?.[1];
  if (type !== undefined) return `data:image/${type};base64,${base64}`;
  throw new InvokeBadRequestError(
    `The image of ${what} is of no known type: PNG, JPEG, GIF, WebP, BMP and TIFF are taken, in base64 or as a data URI.`,
  );
}
