const SHORTEST_MS = 5;
/** A growth below this is measured once: nothing that is not linear has it. */
const LINEAR = 14;

/**
 * How many times as much CPU a piece of work takes for eight times as much input: about 8 where it is linear, 64 where it
 * is quadratic. Both run in this process, so the ratio does not depend on the machine.
 * @param workFor makes the work for a size; making it does not count
 */
export function growthOver8(size: number, workFor: (size: number) => () => unknown): number {
  const [small, large] = [workFor(size), workFor(8 * size)];
  small(); // the first runs are the compiler's
  large();
  let least = Number.POSITIVE_INFINITY;
  // Another program on the same core takes more from what needs the cache: linear work was seen to grow twentyfold then.
  for (let attempt = 0; attempt < 4 && least > LINEAR; attempt++) {
    least = Math.min(least, cpuMs(large) / cpuMs(small));
  }
  return least;
}

/** CPU milliseconds of one run: the least of several, as what disturbs it only adds. */
function cpuMs(work: () => unknown): number {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 5; round++) {
    let runs = 0;
    let spent = 0;
    const before = process.cpuUsage();
    while (spent < SHORTEST_MS) {
      work();
      runs++;
      const { user, system } = process.cpuUsage(before);
      spent = (user + system) / 1000;
    }
    least = Math.min(least, spent / runs);
  }
  return least;
}
