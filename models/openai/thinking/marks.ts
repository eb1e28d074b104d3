import type { ChatModel } from '../model.ts';

/** Between which marks models think, besides `<think>`, which Dify knows. */
export interface Mark {
  readonly open: string;
  readonly close: string;
  /** Set where the marks are words: what has to follow the opening one. They count as they are written; others in any case. */
  readonly followedBy?: RegExp;
  /** Ends a thought, and begins another one. */
  readonly again?: readonly string[];
  /** Where the marks are sentences that others may write too: by whom they are meant. */
  readonly family?: RegExp;
}

export const MARKS: readonly Mark[] = [
  { open: '<thinking>', close: '</thinking>' },
  { open: '<thought>', close: '</thought>' }, // EXAONE
  { open: '<thoughts>', close: '</thoughts>' },
  { open: '<reasoning>', close: '</reasoning>' },
  { open: '<mm:think>', close: '</mm:think>' }, // MiniMax
  { open: '<seed:think>', close: '</seed:think>' }, // Seed-OSS
  { open: '<longcat_think>', close: '</longcat_think>' },
  { open: '<|think|>', close: '<|/think|>' },
  { open: '[THINK]', close: '[/THINK]', followedBy: /^[^(]/ }, // Magistral; before a bracket it is a link
  { open: '◁think▷', close: '◁/think▷' }, // Kimi
  { open: '<|begin_of_thought|>', close: '<|end_of_thought|>' }, // Sky-T1
  { open: '<|start_thinking|>', close: '<|end_thinking|>' }, // Command A
  { open: '<|channel>thought', close: '<channel|>' }, // Gemma
  { open: '<unused94>thought', close: '<unused95>' }, // MedGemma
  // gpt-oss, where a server has left the names of its channels alone.
  {
    open: 'analysis',
    close: 'assistantfinal',
    followedBy: /^["“*\p{L}\p{N}]/u,
    again: ['assistantanalysis', 'assistantcommentary'],
  },
  ...['Here is', "Here's"].map(here => ({
    open: `${here} my thought process:`,
    close: `${here} my response:`,
    followedBy: /^\s/,
    family: /granite/i,
  })),
];

/** The marks that count in what a model writes. */
export function marksOf({ uid, name, family }: Pick<ChatModel, 'uid' | 'name' | 'family'>): readonly Mark[] {
  return MARKS.filter(
    mark => !mark.family || [uid, name, family].some(text => mark.family?.test(text ?? '')),
  );
}

/**
 * Where gpt-oss still has the marks of its channels: a head such as `<|start|>assistant<|channel|>final<|message|>`, then the
 * text, up to the next mark. What is said in the channel `final`, or in none, is the answer.
 */
export const CHANNEL_MARKS = [
  '<|start|>',
  '<|channel|>',
  '<|constrain|>',
  '<|message|>',
  '<|end|>',
  '<|return|>',
  '<|call|>',
] as const;
