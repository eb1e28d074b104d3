/** Makes one text of an answer whose reasoning may come apart from its content. Works on pieces as they come. */
export interface AnswerText {
  /** A piece of reasoning. @returns what goes out for it */
  reasoning(piece: string): string;
  /** A piece of the answer. @returns what goes out for it */
  content(piece: string): string;
  /** Ends an open block: a tool call follows, or nothing. @returns what goes out for it */
  close(): string;
  /**
   * The answer is over.
   * @param isAnswer whether it ended as an answer does: then thoughts alone are an answer in the wrong place
   * @returns what was kept back
   */
  end(isAnswer: boolean): string;
}

/** Longer thoughts are not kept to be said as the answer. In UTF-16 code units. */
export const LONGEST_MISPLACED = 4 * 1024 * 1024;
