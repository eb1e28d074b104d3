/** What a log may hold of an error. */
export interface ErrorFacts {
  /** Its class. */
  readonly type: string;
  /** Of the system or of Node.js, such as `ECONNRESET`. */
  readonly code?: string;
  /** Only where it can name nothing but parts of a program. */
  readonly message?: string;
  /** Of the message, in characters, where that is left out. */
  readonly length?: number;
  /** Where it was made: one place a line. */
  readonly stack?: string;
  readonly cause?: ErrorFacts;
}

/** Errors of the language that hold nothing of what a program works on; others repeat the text in which they found no key. */
const OF_THE_PROGRAM =
  /^(?:Cannot (?:read|set) properties of (?:null|undefined) \((?:reading|setting) '[\w$]{1,50}'\)|[\w$.]{1,80} is not (?:a function|a constructor|iterable|defined)|Maximum call stack size exceeded|Invalid (?:array|string) length)$/;
const NAME = /^[A-Z]\w{1,60}$/i;
const CODE = /^[A-Z][A-Z\d_]{1,50}$/;
/** A place in a file, and perhaps the name of what stands there. Folders may have blanks and brackets in their names. */
const PLACE =
  /^ {4}at (?:[\w$.<>#[\] ]{1,200} \()?(?:(?:file:\/\/|node:|\/|[A-Za-z]:[\\/])[^\n]{1,500}:\d{1,9}:\d{1,9}|<anonymous>)\)?$/;
const MOST_CAUSES = 5;

/**
 * An error with its places and causes, and without its words: the messages of most repeat what they are about, such as the
 * start of a text that is no JSON, which can be a prompt or a key. Its other properties stay out too.
 */
export function errorFacts(error: unknown, causes = MOST_CAUSES): ErrorFacts {
  if (!(error instanceof Error)) return { type: typeof error };
  const { cause } = error;
  const [name, message, stack] = [
    fieldText(error, 'name'),
    fieldText(error, 'message'),
    fieldText(error, 'stack'),
  ];
  const code = fieldText(error, 'code');
  // A message may have lines that look like places.
  const places = stack.slice(stack.includes(message) ? stack.indexOf(message) + message.length : 0);
  const lines = places.split('\n').filter(line => PLACE.test(line));
  return {
    type: NAME.test(name) ? name : 'Error',
    ...(CODE.test(code) && { code }),
    ...(OF_THE_PROGRAM.test(message) ? { message } : { length: message.length }),
    stack: lines.join('\n'),
    ...(cause instanceof Error && causes > 0 && { cause: errorFacts(cause, causes - 1) }),
  };
}

/** A field of an error, which may be anything, or throw. */
function fieldText(error: Error, field: string): string {
  try {
    const value: unknown = Reflect.get(error, field);
    return typeof value === 'string' ? value : '';
  } catch {
    return '';
  }
}

/** As {@link errorFacts}, on one line: for a process that ends because of the error. */
export function errorInOneLine(error: unknown): string {
  return lineOf(errorFacts(error));
}

function lineOf({ type, code, message, length, stack = '', cause }: ErrorFacts): string {
  const said = message ?? (length === undefined ? 'thrown' : `(a message of ${length} characters)`);
  const places = stack.split('\n').map(line => line.trim());
  const parts = [`${type}${code === undefined ? '' : ` ${code}`}: ${said}`, ...places];
  if (cause !== undefined) parts.push(`caused by ${lineOf(cause)}`);
  return parts.filter(part => part !== '').join(' | ');
}
