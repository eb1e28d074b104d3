import { type Engine, PLAIN } from './engine.ts';

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

/**
 * A chat model of which nothing is known but its name: it is asked for whatever the user asks for.
 * @param contextSize in tokens
 */
export function plainModel(uid: string, contextSize: number): ChatModel {
  return {
    uid,
    name: uid,
    family: undefined,
    engine: PLAIN,
    mode: 'chat',
    contextSize,
    can: {
      tools: undefined,
      image: undefined,
      audio: undefined,
      video: undefined,
      omni: undefined,
      structuredOutput: undefined,
      reason: undefined,
      switchThinking: undefined,
    },
    thinking: 'auto',
  };
}
