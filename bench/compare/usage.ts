import { readdirSync, readFileSync } from 'node:fs';

/** Memory of a process in MiB. */
export interface Memory {
  /** Resident, with the pages of the program's file that happen to be mapped. */
  readonly rss: number;
  /** Resident and the process's own: does not move with the page cache. */
  readonly anonymous: number;
  /** The highest RSS so far. */
  readonly peak: number;
}

/** CPU seconds that a process and its descendants have used, all threads, to the nanosecond. */
export function cpuSeconds(pid: number): number {
  let nanoseconds = 0;
  for (const task of threads(pid)) {
    nanoseconds += Number(read(`/proc/${pid}/task/${task}/schedstat`).split(' ', 1)[0]);
  }
  return nanoseconds / 1e9 + children(pid).reduce((sum, child) => sum + cpuSeconds(child), 0);
}

/** Memory of a process and its descendants. */
export function memoryOf(pid: number): Memory {
  const status = read(`/proc/${pid}/status`);
  const mebibytes = (field: string) =>
    Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) / 1024;
  const own = { rss: mebibytes('VmRSS'), anonymous: mebibytes('RssAnon'), peak: mebibytes('VmHWM') };
  return children(pid)
    .map(memoryOf)
    .reduce(
      (sum, child) => ({
        rss: sum.rss + child.rss,
        anonymous: sum.anonymous + child.anonymous,
        peak: sum.peak + child.peak,
      }),
      own,
    );
}

function threads(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

function children(pid: number): number[] {
  return threads(pid).flatMap(task =>
    read(`/proc/${pid}/task/${task}/children`).split(' ').filter(Boolean).map(Number),
  );
}

/** Empty when the process or thread has ended meanwhile. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
