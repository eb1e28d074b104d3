import { type Embeddings, InvokeBadRequestError } from '../../src/dify/index.ts';
import { ServerError } from '../../src/http/errors/errors.ts';
import { explained } from '../common/errors.ts';
import { fieldName } from '../common/form-labels.ts';
import type { EmbeddingModel } from './model.ts';

/** How engines speak of it: vLLM of Matryoshka representations, the vectors that can be cut, others of the argument that cuts. */
const ABOUT_DIMENSIONS = /dimension|matryoshka|truncate_dim/i;
const ADVICE = `Clear ${fieldName('dimensions')} in the credentials, or type a number that the model can give.`;

/** @returns the error as it was where it is about something else */
export function explainRefusedDimensions(error: unknown, { uid, dimensions }: EmbeddingModel): unknown {
  if (dimensions === undefined || !(error instanceof ServerError)) return error;
  if (!error.said.test(ABOUT_DIMENSIONS)) return error;
  const message = `The model ${uid} cannot give vectors of ${dimensions} numbers. ${error.message} ${ADVICE}`;
  return explained(error, InvokeBadRequestError, message);
}

/** Some engines ignore the number. @throws InvokeBadRequestError where the vectors have another length than the form wants */
export function checkDimensions({ rows }: Embeddings, { uid, dimensions }: EmbeddingModel): void {
  const [row] = rows;
  if (dimensions === undefined || row === undefined) return;
  const length = 'count' in row ? row.count : row.length;
  if (length === dimensions) return;
  throw new InvokeBadRequestError(
    `The model ${uid} was asked for vectors of ${dimensions} numbers, ignored that, and gave ${length}. ${ADVICE}`,
  );
}
