const NO_WIDTH = /[\p{Mn}\p{Me}]|\u200d/gu;
/** East Asian letters and signs, and pictures. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/gu;

/** How many columns of a terminal a line takes. */
export function columnsOf(line: string): number {
  return [...line.replace(NO_WIDTH, '').replace(WIDE, '  ')].length;
}
