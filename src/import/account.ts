import { createInterface } from 'node:readline';
import { UsageError } from '../doctor/options.ts';
import type { Account } from './console/log-in.ts';
import type { Prompt } from './prompt.ts';

/** Where an account may come from. */
export interface AccountSources {
  readonly env: NodeJS.ProcessEnv;
  readonly email: string | undefined;
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean; unref?(): unknown };
  /** Undefined without a terminal. */
  readonly prompt: Prompt | undefined;
}

/**
 * Who logs in to Dify. The password is never taken from the command line, which every user of the machine can read.
 * @throws UsageError where something is missing and nobody can be asked; CancelledError
 */
export async function readAccount({ env, email, stdin, prompt }: AccountSources): Promise<Account> {
  const token = env['DIFY_CONSOLE_TOKEN']?.trim().replace(/^(?:Bearer|Cookie:) /i, '');
  if (token) return { kind: 'token', token, workspace: env['DIFY_WORKSPACE_ID']?.trim() || undefined };
  const name = email ?? (await prompt?.ask('Email in Dify: '))?.trim() ?? '';
  if (name === '') throw new UsageError('--email EMAIL is missing, and so is DIFY_CONSOLE_TOKEN.');
  const password =
    env['DIFY_PASSWORD'] ||
    (prompt === undefined
      ? await firstLine(stdin)
      : await prompt.ask(`Password of ${name}: `, { hidden: true }));
  if (password === '') {
    throw new UsageError(
      'There is no password: type it when asked, set DIFY_PASSWORD, or write it to standard input.',
    );
  }
  return { kind: 'password', email: name, password };
}

/** Nothing of a terminal that cannot be asked, such as where its errors go to a file: it would show what is typed. */
async function firstLine(stdin: AccountSources['stdin']): Promise<string> {
  if (stdin.isTTY) return '';
  try {
    for await (const line of createInterface({ input: stdin })) return line;
    return '';
  } finally {
    stdin.unref?.(); // nobody waits for what else may come
  }
}
