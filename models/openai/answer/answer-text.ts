/** Makes one text of an answer whose reasoning may come apart from its content. Works on pieces as they come. */
export interface AnswerText {
  /** A piece of reasoning. @returns what goes out for it */
  reasoning(piece: string): string;
  /** A piece of the answer. @returns what goes out for it */
  content(piece: string): string;
  /** Ends an open block: a tool call follows, or nothing. @returns what goes out for it */
  close(): string;
  /** The answer is over. @returns what was kept back */
  end(): string;
}
