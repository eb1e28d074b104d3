import type { Engine } from './engine.ts';

/**
 * What is known of a chat or completion model. A `can` that is undefined is not
 * known: then what the user asked for is sent, and the server judges.
 */
export interface ChatModel {
  readonly uid: string;
  /** As the server names it; tells the tokenizer's family. */
  readonly name: string | undefined;
  readonly family: string | undefined;
  readonly engine: Engine;
  readonly mode: 'chat' | 'completion';
  readonly contextSize: number;
  readonly can: {
    readonly tools: boolean | undefined;
    readonly image: boolean | undefined;
    readonly audio: boolean | undefined;
    readonly video: boolean | undefined;
    /** Whether it hears and sees by nature: then videos are offered in Dify. */
    readonly omni: boolean | undefined;
    readonly structuredOutput: boolean | undefined;
    /** Whether it thinks at all. */
    readonly reason: boolean | undefined;
    /** Whether thinking can be switched per request. */
    readonly switchThinking: boolean | undefined;
  };
  /** What the user wants of its thinking: `off` takes it out of the answer. */
  readonly thinking: 'auto' | 'on' | 'off';
}
