/** The base URL of a real Xinference server; undefined when there is none to test with. */
export const realServer: string | undefined = process.env['XINFERENCE_URL'];
