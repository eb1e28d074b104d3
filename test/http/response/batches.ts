import type { PayloadSink } from '../../../src/http/response/event-decoder.ts';

/** A sink that takes the payloads that arrive together as one list. */
export function batches(onPayloads: (payloads: string[]) => Promise<void> | undefined): PayloadSink {
  let payloads: string[] = [];
  return {
    payload: payload => void payloads.push(payload),
    flush: () => {
      const arrived = payloads;
      payloads = [];
      return arrived.length > 0 ? onPayloads(arrived) : undefined;
    },
  };
}
