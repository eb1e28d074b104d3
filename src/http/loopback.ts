/** Whether a host name is a machine's name for itself. @param hostname as `URL` has it: IPv6 in brackets */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\./.test(hostname);
}
