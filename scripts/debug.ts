/** Remote debugging from source, whatever INSTALL_METHOD says: `npm run debug` runs this and reloads it on change. */
process.env['INSTALL_METHOD'] = 'remote';
await import('../src/main.ts');
