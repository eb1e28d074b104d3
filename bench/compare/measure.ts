import type { Contender } from './contenders.ts';
import { BenchHost } from './host.ts';
import type { Row } from './rows/row.ts';
import type { BenchServer } from './xinference.ts';

/**
 * Measures a row of a program, and ends what was started for it.
 * @returns a figure for each metric @throws Error when the program failed, or an answer was wrong
 */
export async function measure(
  row: Pick<Row, 'measure'>,
  { command }: Contender,
  server: BenchServer,
): Promise<number[]> {
  const hosts: BenchHost[] = [];
  const start = async () => {
    const host = new BenchHost(command, server.url);
    hosts.push(host);
    await host.ready;
    return host;
  };
  try {
    return await row.measure({ server, command, start });
  } finally {
    await Promise.all(hosts.map(host => host.close()));
  }
}
