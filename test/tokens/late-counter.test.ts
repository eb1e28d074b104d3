import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FeatureCounter } from '../../src/tokens/features.ts';
import { LateCounter } from '../../src/tokens/late-counter.ts';

test('counts what a counter does that does not wait', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('', ' a', '\ud83d', '\ude00', '12', '你好', 'getElementById'.repeat(2000)),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), fc.nat(40), (pieces, looked) => {
      const late = new LateCounter();
      const counter = new FeatureCounter();
      pieces.forEach((text, at) => {
        late.add(text);
        counter.add(text);
        if (at === looked) expect(late.features()).toEqual(counter.features());
      });
      expect(late.features()).toEqual(counter.features());
    }),
  );
});
