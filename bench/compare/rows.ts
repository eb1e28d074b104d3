import { answer, lone } from './rows/answers.ts';
import { crowd } from './rows/crowd.ts';
import { embed, rerank } from './rows/retrieval.ts';
import type { Row } from './rows/row.ts';
import { slowHost } from './rows/slow-host.ts';
import { start } from './rows/start.ts';
import { stream, streams } from './rows/streams.ts';
import { tokens } from './rows/tokens.ts';

/** The table, top to bottom. */
export const rows: readonly Row[] = [
  start,
  answer,
  lone,
  stream,
  streams,
  embed,
  rerank,
  crowd,
  slowHost,
  tokens,
];
