/** Noise of one observed count: a share of the count, and a few tokens of template that nobody counts. */
const RELATIVE_NOISE = 0.08;
const NOISE_FLOOR = 4;

/** Share of the first uncertainty that comes back with each observation, so that a swapped model can be relearned. */
const FORGETTING = 0.005;

/** Beyond this many standard deviations a surprise counts no further. */
const MAX_SURPRISE = 3;

const MIN_FACTOR = 0.25;
const MAX_FACTOR = 4;

/**
 * Factors on the parts of a prompt, learned from observed totals by a Kalman filter: what was seen of one kind of
 * text corrects the factor of that kind and leaves the others alone. It keeps no history.
 */
export class Calibration {
  readonly #mean: Float64Array;
  readonly #variance: Float64Array;
  readonly #covariance: readonly Float64Array[];

  /** Takes the first guess of each factor and how far, as a standard deviation, the truth may be from it. */
  constructor(mean: readonly number[], deviation: readonly number[]) {
    this.#mean = Float64Array.from(mean);
    this.#variance = Float64Array.from(deviation, sd => sd * sd);
    this.#covariance = deviation.map((sd, i) => {
      const row = new Float64Array(deviation.length);
      row[i] = sd * sd;
      return row;
    });
  }

  /** The factors as they are now. */
  get mean(): readonly number[] {
    return [...this.#mean];
  }

  /** How uncertain each factor is now, as a variance; never more than at first. */
  get variance(): readonly number[] {
    return this.#covariance.map((row, i) => at(row, i));
  }

  /** The expected total of the parts `x`. */
  expect(x: Float64Array): number {
    return dot(x, this.#mean);
  }

  /**
   * Standard deviation of the total of the parts `x`: of the factors, and of text around what its parts tell.
   * @param noise the latter, as a share of the total
   */
  deviation(x: Float64Array, noise = RELATIVE_NOISE): number {
    const spread = this.#covariance.reduce((sum, row, i) => sum + at(x, i) * dot(row, x), 0);
    return Math.sqrt(spread + (noise * this.expect(x)) ** 2);
  }

  /** Learns that the parts `x` made `total`. */
  learn(x: Float64Array, total: number): void {
    this.#covariance.forEach((row, i) => {
      const first = at(this.#variance, i);
      row[i] = Math.min(at(row, i) + FORGETTING * first, first);
    });
    const gain = Float64Array.from(this.#covariance, row => dot(row, x));
    const spread = dot(x, gain) + (RELATIVE_NOISE * total + NOISE_FLOOR) ** 2;
    const most = MAX_SURPRISE * Math.sqrt(spread);
    const surprise = clamp(total - this.expect(x), -most, most);
    this.#covariance.forEach((row, i) => {
      this.#mean[i] = clamp(at(this.#mean, i) + (at(gain, i) * surprise) / spread, MIN_FACTOR, MAX_FACTOR);
      for (let j = 0; j < row.length; j++) row[j] = at(row, j) - (at(gain, i) * at(gain, j)) / spread;
    });
  }
}

/** An element that is known to exist. */
function at(vector: Float64Array, index: number): number {
  return vector[index] as number;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += at(a, i) * at(b, i);
  return sum;
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
