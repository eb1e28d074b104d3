import { describe, expect, it } from 'vitest';
import { imageUrl } from '../../../../models/openai/request/image-data.ts';
import { InvokeBadRequestError } from '../../../../src/dify/protocol/errors.ts';

const bytes = (...parts: (string | number[])[]) =>
  Buffer.concat(parts.map(part => Buffer.from(part as string, 'latin1'))).toString('base64');
const rest = 'and so on and so on';

describe('imageUrl', () => {
  it.each([
    ['png', bytes('\x89PNG\r\n\x1a\n', rest)],
    ['jpeg', bytes('\xff\xd8\xff\xe0', rest)],
    ['jpeg', bytes('\xff\xd8\xff\xdb', rest)],
    ['gif', bytes('GIF87a', rest)],
    ['gif', bytes('GIF89a', rest)],
    ['webp', bytes('RIFF\x00\x00\x00\x00WEBP', rest)],
    ['webp', bytes('RIFF\xff\xff\xff\xffWEBPVP8 ', rest)],
    ['bmp', bytes('BM\x00\xff\x00\x00', rest)],
    ['bmp', bytes('BM\xff\x00\x00\x00', rest)],
    ['tiff', bytes('II*\x00', rest)],
    ['tiff', bytes('MM\x00*', rest)],
  ])('tells %s by its first bytes', (type, base64) => {
    const url = `data:image/${type};base64,${base64}`;
    expect(imageUrl(base64, 'it')).toBe(url);
    expect(imageUrl(`data:application/octet-stream;base64,${base64}`, 'it')).toBe(url);
    expect(imageUrl(`data:;base64,${base64}`, 'it')).toBe(url);
  });

  it.each(['data:image/png;base64,AAAA', 'data:image/svg+xml;base64,AAAA', 'https://example.com/a.png'])(
    'passes %s on',
    url => {
      expect(imageUrl(url, 'it')).toBe(url);
    },
  );

  it.each([
    '',
    'AAAA',
    '/etc/passwd',
    'file:///etc/passwd',
    bytes('RIFF\x00\x00\x00\x00WAVE', rest),
    bytes('ID3'),
  ])('refuses %j, and says which it was', content => {
    expect(() => imageUrl(content, 'document 3')).toThrow(InvokeBadRequestError);
    expect(() => imageUrl(content, 'document 3')).toThrow(/The image of document 3 is of no known type/);
  });
});
