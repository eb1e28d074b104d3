import { InvokeBadRequestError, type MultimodalDocument } from '../../../src/dify/index.ts';
import { imageUrl } from '../request/image-data.ts';

/** One thing to embed. A list of them for one request is all of one form: texts, or objects. */
export type EmbeddingInput = string | { readonly text: string } | { readonly image: string };

/** A request has no more characters than this: a single longer text goes alone. */
const MOST_CHARACTERS = 4 * 1024 * 1024;

/** Texts as the server takes them: half a surrogate pair, which no tokenizer takes, becomes U+FFFD. */
export function textInputs(texts: readonly string[], prefix: string): string[] {
  return texts.map(text => prefix + text.toWellFormed());
}

/**
 * Documents as the server takes them. Texts alone go as any model takes them; with an image among them each goes as an
 * object, because a list that mixes texts and objects is refused.
 * @throws InvokeBadRequestError for an image when the model takes texts only
 */
export function documentInputs(
  documents: readonly MultimodalDocument[],
  prefix: string,
  model: { readonly uid: string; readonly takesImages: boolean | undefined },
): EmbeddingInput[] {
  if (documents.every(isText)) {
    return textInputs(
      documents.map(document => document.content),
      prefix,
    );
  }
  if (model.takesImages === false) {
    throw new InvokeBadRequestError(
      `The model ${model.uid} embeds texts only, and got an image. Use a model that takes images, such as jina-clip-v2, jina-embeddings-v4 or Qwen3-VL-Embedding.`,
    );
  }
  return documents.map((document, index) =>
    isText(document)
      ? { text: prefix + document.content.toWellFormed() }
      : { image: imageUrl(document.content, `document ${index + 1}`) },
  );
}

/** Inputs that are sent in one request. */
export interface Part {
  readonly inputs: readonly EmbeddingInput[];
  /** Place of the first of them among all. */
  readonly start: number;
}

/** Splits inputs into parts of at most `most`, in order, and of at most 4 Mi characters where that can be. */
export function splitInputs(inputs: readonly EmbeddingInput[], most: number): Part[] {
  const parts: Part[] = [];
  let start = 0;
  let characters = 0;
  for (const [index, input] of inputs.entries()) {
    const length = contentOf(input).length;
    if (index > start && (index - start >= most || characters + length > MOST_CHARACTERS)) {
      parts.push({ inputs: inputs.slice(start, index), start });
      start = index;
      characters = 0;
    }
    characters += length;
  }
  if (start < inputs.length) parts.push({ inputs: inputs.slice(start), start });
  return parts;
}

/** The text of an input; undefined for an image. */
export function inputText(input: EmbeddingInput): string | undefined {
  if (typeof input === 'string') return input;
  return 'text' in input ? input.text : undefined;
}

function contentOf(input: EmbeddingInput): string {
  return inputText(input) ?? (input as { image: string }).image;
}

function isText({ content_type }: MultimodalDocument): boolean {
  return content_type === 'text';
}
