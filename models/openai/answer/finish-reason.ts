import { type Fields, isObject } from '../../../src/text/json.ts';
import { stringOf } from '../request/json.ts';

/** Why an answer ended: by itself, by a limit, with calls; given up by the server, or stopped by a content filter. */
export type Ending = 'stop' | 'length' | 'tool_calls' | 'failed' | 'filtered';

/** A finish reason, read. */
export interface Finish {
  readonly ending: Ending;
  /** The server's own word, and what it says about it. */
  readonly said: string;
}

/** What some servers send in every chunk in the place of null. */
const NOT_YET = /^(?:null|none|undefined|running|generating|in_progress|.*unspecified)?$/;

/** By the words that engines, clouds and gateways use; the first that fits. Any other word is an ordinary end. */
const ENDINGS: readonly (readonly [RegExp, Ending])[] = [
  [
    /filter|safety|sensitiv|moderat|recitation|prohibit|block|spii|refus|policy|guard|censor|violat|flagged|harm|illegal/,
    'filtered',
  ],
  [
    /abort|error|fail|cancel|interrupt|disconnect|preempt|kill|crash|exception|malformed|invalid|bad_?request|insufficient|unavailable|overload|out_?of|\boom\b|time_?d?_?(?:out|limit)|deadline|rate_?limit|quota|evict|reject|shut_?down|unhealthy|lost/,
    'failed',
  ],
  [/length|max|limit|exceed|window|budget|incomplete/, 'length'],
  [/tool|function/, 'tool_calls'],
];

/**
 * The finish reason of a choice: a word, or an object with one, as SGLang has it within.
 * @returns undefined while there is none
 */
export function finishOf({ finish_reason }: Fields): Finish | undefined {
  if (typeof finish_reason === 'string') return readWord(finish_reason, '');
  if (!isObject(finish_reason)) return undefined;
  return readWord(stringOf(finish_reason['type']), stringOf(finish_reason['message']));
}

function readWord(word: string, message: string): Finish | undefined {
  const lower = word.trim().toLowerCase();
  if (NOT_YET.test(lower)) return undefined;
  const [, ending = 'stop'] = ENDINGS.find(([pattern]) => pattern.test(lower)) ?? [];
  return { ending, said: message === '' ? word : `${word}: ${message}` };
}
