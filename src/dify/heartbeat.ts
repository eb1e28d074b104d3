import type { LineWriter } from './transport/lines/line-writer.ts';

const HEARTBEAT = '{"event":"heartbeat","session_id":null,"data":{}}';

/**
 * Beats at once and then every `intervalMs`. The first beat tells a host that the plugin takes requests; after
 * 120 s without one (60 s over remote debugging) it gives the plugin up.
 * @returns a function that stops it
 */
export function startHeartbeat(writer: LineWriter, intervalMs = 10_000): () => void {
  const beat = () => writer.writeFirst(HEARTBEAT);
  beat();
  const timer = setInterval(beat, intervalMs);
  return () => clearInterval(timer);
}
