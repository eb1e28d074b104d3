import packageJson from '../package.json' with { type: 'json' };

/** The version of the plugin. The build puts the text itself here. */
export const version: string = packageJson.version;
