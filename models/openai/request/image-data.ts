import { InvokeBadRequestError } from '../../../src/dify/index.ts';

/** The first characters of an image in base64, which stand for its first bytes. */
const SIGNATURES: readonly (readonly [start: RegExp, type: string])[] = [
  [/^iVBORw0KGg[o-r]/, 'image/png'],
  [/^\/9j\//, 'image/jpeg'],
  [/^R0lGOD[dl]h/, 'image/gif'],
  [/^UklGR.{6}XRUJQ/, 'image/webp'],
  [/^Qk[0-3]/, 'image/bmp'],
  [/^(?:SUkqA|TU0AK)/, 'image/tiff'],
];

/** The type of an image in base64, such as `image/png`, as its first bytes tell it; undefined for one that is not known. */
export function imageType(base64: string): string | undefined {
  return SIGNATURES.find(([start]) => start.test(base64))?.[1];
}

/**
 * An image as a server takes it: a data URI, or a web address. Base64 without a type gets the one that its first bytes
 * tell. Anything else is refused, because a server would read it as the name of a file of its own.
 * @param content a data URI, base64, or a web address
 * @param what the image, for messages, such as `document 3`
 * @throws InvokeBadRequestError
 */
export function imageUrl(content: string, what: string): string {
  if (/^(?:https?:\/\/|data:image\/[\w.+-]+;base64,)/i.test(content)) return content;
  const base64 = content.replace(/^data:[^,]{0,100},/i, '');
  const type = imageType(base64);
  if (type !== undefined) return `data:${type};base64,${base64}`;
  throw new InvokeBadRequestError(
    `The image of ${what} is of no known type: PNG, JPEG, GIF, WebP, BMP and TIFF are taken, in base64 or as a data URI.`,
  );
}
