/**
 * One field of a multipart form that is a text.
 * @param boundary of the form
 */
export function textPart(boundary: string, name: string, value: string): string {
  return `${partHead(boundary, name)}${value}\r\n`;
}

/** What stands before the bytes of a field that is a file; a line break and the next part follow them. */
export function fileHead(
  boundary: string,
  name: string,
  { filename, mimeType }: { readonly filename: string; readonly mimeType: string },
): string {
  return partHead(boundary, name, `; filename="${filename}"\r\ncontent-type: ${mimeType}`);
}

/** What a user calls a field must not end its header. */
function partHead(boundary: string, name: string, rest = ''): string {
  const quoted = name.replace(/["\r\n]/g, '_');
  return `--${boundary}\r\ncontent-disposition: form-data; name="${quoted}"${rest}\r\n\r\n`;
}
