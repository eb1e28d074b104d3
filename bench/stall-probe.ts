/*
 * Loaded into the plugin before everything else: tells its parent, when asked, the longest turn of the event loop since it was
 * last asked, in ms of the main thread's CPU between two chances for a timer to run. What other programs take of the machine
 * is not in it.
 */

let longest = 0;
let before = process.threadCpuUsage();
setInterval(() => {
  const now = process.threadCpuUsage();
  longest = Math.max(longest, now.user + now.system - before.user - before.system);
  before = now;
}, 1).unref();

process.on('message', () => {
  process.send?.(longest / 1000);
  longest = 0;
});
process.channel?.unref();
