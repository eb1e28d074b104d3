import { describe, expect, test } from 'vitest';
import { InvalidServerError, serverAddress } from '../../src/http/address.ts';

describe('serverAddress', () => {
  test.each([
    ['http://192.168.1.10:9997', 'http://192.168.1.10:9997'],
    ['  http://host:9997 \n', 'http://host:9997'],
    ['http://host:9997/', 'http://host:9997'],
    ['http://host:9997///', 'http://host:9997'],
    ['http://host:9997/v1', 'http://host:9997'],
    ['http://host:9997/v1/', 'http://host:9997'],
    ['http://host:9997/v1/v1', 'http://host:9997'],
    ['http://host:9997//v1//', 'http://host:9997'],
    ['https://host/prefix/v1/', 'https://host/prefix'],
    ['https://host/a/v1/b', 'https://host/a/v1/b'],
    ['https://host/xv1', 'https://host/xv1'],
    ['HTTP://HOST:80/Path', 'http://host/Path'],
    ['http://[::1]:9997/v1', 'http://[::1]:9997'],
    ['http://my_gpu.example.', 'http://my_gpu.example.'],
    ['http://bücher.example', 'http://xn--bcher-kva.example'],
    ['http://host/a b', 'http://host/a%20b'],
  ])('%j becomes %j', (typed, url) => {
    expect(serverAddress(typed).url).toBe(url);
  });

  test.each([
    ['', /empty: type the address of the server, such as http:\/\//],
    ['  ', /empty/],
    ['192.168.1.10:9997', /type http:\/\/192\.168\.1\.10:9997\./],
    ['localhost:9997/v1', /type http:\/\/localhost:9997\/v1\./],
    ['xinference', /no http:\/\/ or https:\/\/ in front: type it whole/],
    ['SFlCUklEOm4wcGU=', /enter the credentials again/],
    ['//host:9997', /no http:\/\//],
    ['ftp://host', /must begin with http:\/\/ or https:\/\/, not ftp:\/\//],
    ['http://', /not a valid URL/],
    ['http://host:99999', /not a valid URL/],
    ['http://one,http://two', /not a valid URL/],
    ['http://host;', /not a valid URL/],
    ['http://host:9997?key=1', /must end before any "\?" or "#"/],
    ['http://host:9997/#models', /must end before/],
  ])('%j is refused: %s', (typed, message) => {
    expect(() => serverAddress(typed)).toThrow(InvalidServerError);
    expect(() => serverAddress(typed)).toThrow(message);
  });

  test.each(['http://user:pa55word@host:9997', 'user:pa55word@host:9997', 'xf-pa55word'])(
    'a password or key in it is not repeated: %s',
    typed => {
      expect(() => serverAddress(typed)).toThrow(/^(?!.*pa55word)/s);
    },
  );

  test('a hostile path takes no time', () => {
    const path = `${'/'.repeat(100_000)}x${'/v1'.repeat(100_000)}`;
    expect(serverAddress(`http://host${path}`).url).toBe(`http://host${'/'.repeat(100_000)}x`);
  });

  test('has the parts of the URL', () => {
    expect(serverAddress('https://GPU.example:9997/proxy/v1')).toEqual({
      url: 'https://gpu.example:9997/proxy',
      origin: 'https://gpu.example:9997',
      prefix: '/proxy',
      protocol: 'https:',
      hostname: 'gpu.example',
      port: '9997',
    });
    expect(serverAddress('http://[::1]:80')).toMatchObject({ prefix: '', hostname: '[::1]', port: '' });
  });
});
