import { type ContentPart, InvokeBadRequestError } from '../../../src/dify/index.ts';
import { imageType } from './image-data.ts';

/**
 * Where a part's picture, sound or film is: a web address as it is, else a data URL of exactly the form
 * `data:<mime>;base64,<data>`, which the server splits at `;`. Any other URL is refused: the server would open it as a
 * file of its own.
 * @param defaultMime for data of which nothing tells the type
 * @throws InvokeBadRequestError
 */
export function mediaUrl(part: ContentPart, defaultMime: string): string {
  const url = part.url || part.base64_data || '';
  if (url === '') throw new InvokeBadRequestError(`The part ${partName(part)} has neither a URL nor data.`);
  if (part.url && /^https?:\/\//i.test(url)) return url;
  const [head, mime = '', rest = ''] = /^data:([^;,]{0,200})([^,]{0,1000}),/i.exec(url) ?? [];
  if (head === undefined) {
    if (!part.url) return dataUrl(mimeOf(part, url, defaultMime), url);
    throw new InvokeBadRequestError(
      `The URL of the part ${partName(part)} is of no kind that can be sent: http, https and data URLs are taken.`,
    );
  }
  if (!/;\s*base64$/i.test(rest)) {
    throw new InvokeBadRequestError(`The data URL of the part ${partName(part)} is not in base64.`);
  }
  const data = url.slice(head.length);
  return dataUrl(mime.trim() || mimeOf(part, data, defaultMime), data);
}

/** Sound in OpenAI's own form. @param url a data URL of {@link mediaUrl} */
export function inputAudio(url: string): Record<string, unknown> {
  const [head = '', data = ''] = url.split(',', 2);
  const format = /audio\/(?:x-|vnd\.)?(\w+)/.exec(head)?.[1] ?? 'wav';
  return { type: 'input_audio', input_audio: { data, format: format === 'mpeg' ? 'mp3' : format } };
}

/** A part for messages, such as `image "cat.png"`. */
export function partName({ type, filename }: ContentPart): string {
  return filename ? `${type} ${JSON.stringify(filename)}` : type;
}

function dataUrl(mime: string, base64: string): string {
  return `data:${mime};base64,${base64}`;
}

/** What the host says, else what an image's first bytes say. */
function mimeOf(part: ContentPart, base64: string, defaultMime: string): string {
  const [mime = ''] = (part.mime_type ?? '').split(';', 1);
  if (mime.trim() !== '') return mime.trim();
  const seen = part.type === 'image' ? imageType(base64) : undefined;
  if (seen !== undefined) return seen;
  return part.format ? `${defaultMime.split('/', 1)[0]}/${part.format}` : defaultMime;
}
