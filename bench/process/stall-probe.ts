import { TurnMeter } from './turn-meter.ts';

/*
 * Loaded into the plugin before everything else: tells its parent, when asked, the longest turn of the event loop since it
 * was last asked, in ms.
 */

const turns = new TurnMeter();

process.on('message', () => {
  process.send?.(turns.longestMs);
  turns.longestMs = 0;
});
process.channel?.unref();
