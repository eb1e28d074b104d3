/** The plugin cannot run the way it was asked to. The message is one line for a person: what is wrong, what to do. */
export class StartError extends Error {
  override readonly name = 'StartError';
}
