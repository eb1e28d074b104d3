import { FeatureCounter, type TextFeatures } from '../../src/tokens/features.ts';

/** The features of a whole text. */
export function features(text: string): TextFeatures {
  const counter = new FeatureCounter();
  counter.add(text);
  return counter.features();
}
