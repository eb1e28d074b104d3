import { describe, test } from 'vitest';
import { isBefore } from '../../src/doctor/examine/age.ts';

/** The base URL of a real Xinference server; undefined when there is none to test with. */
export const realServer: string | undefined = process.env['XINFERENCE_URL'];

/** Its version, such as `2.12.0`; undefined where it does not tell. */
const realVersion: string | undefined = (await asked<{ version?: string }>('/v1/cluster/version'))?.version;

const running = (await asked<{ data: { id: string }[] }>('/v1/models'))?.data.map(({ id }) => id) ?? [];

async function asked<T>(path: string): Promise<T | undefined> {
  if (realServer === undefined) return undefined;
  const response = await fetch(realServer + path);
  return response.ok ? ((await response.json()) as T) : undefined;
}

/** Why a model cannot be tested: there is no server, or it does not run this one; undefined where it can. */
export function missing(...uids: readonly string[]): string | undefined {
  if (realServer === undefined) return 'XINFERENCE_URL is not set';
  const absent = uids.filter(uid => !running.includes(uid));
  return absent.length === 0 ? undefined : `the server does not run ${absent.join(' and ')}`;
}

/** Why a server before `version`, and not before `since`, cannot do something; undefined for any other. */
export function tooOld(version: string, why: string, since?: string): string | undefined {
  return isBefore({ version: realVersion, atLeast: undefined, olderThan: undefined }, version, since)
    ? `${why} before ${version}, and this is ${realVersion}`
    : undefined;
}

/** A group of tests, skipped where there is a reason, which then stands in its name. */
export function describeUnless(reason: string | undefined, name: string, body: () => void): void {
  if (reason === undefined) describe(`${name} (Xinference ${realVersion ?? 'of unknown version'})`, body);
  else describe.skip(`${name} (skipped: ${reason})`, body);
}

/** A test, skipped where there is a reason, which then stands in its name. */
export function testUnless(reason: string | undefined, name: string, body: () => Promise<void>): void {
  if (reason === undefined) test(name, body);
  else test.skip(`${name} (skipped: ${reason})`, body);
}
