import { expect, it } from 'vitest';
import { fileHead, textPart } from '../../../models/common/multipart.ts';

it('writes a field', () => {
  expect(textPart('b', 'prompt', 'a\r\nb')).toBe(
    '--b\r\ncontent-disposition: form-data; name="prompt"\r\n\r\na\r\nb\r\n',
  );
});

it('writes what stands before a file', () => {
  expect(fileHead('b', 'file', { filename: 'audio.wav', mimeType: 'audio/wav' })).toBe(
    '--b\r\ncontent-disposition: form-data; name="file"; filename="audio.wav"\r\ncontent-type: audio/wav\r\n\r\n',
  );
});

it('lets no name end its own header', () => {
  expect(textPart('b', 'a"; filename="x"\r\nevil: 1', '')).toBe(
    '--b\r\ncontent-disposition: form-data; name="a_; filename=_x___evil: 1"\r\n\r\n\r\n',
  );
});
