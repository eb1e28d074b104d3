import { readFileSync } from 'node:fs';

const folder = new URL('../../fixtures/tls/', import.meta.url);

/** The key and certificate of an HTTPS server that vouches only for itself; for tests alone. */
export function selfSigned(): { readonly key: Buffer; readonly cert: Buffer } {
  return {
    key: readFileSync(new URL('self-signed.key', folder)),
    cert: readFileSync(new URL('self-signed.crt', folder)),
  };
}
