/**
 * What a changelog says of one version, in the form of Keep a Changelog.
 * @returns the text below the version's heading; empty when there is none, undefined when there is no such heading
 */
export function changesOf(changelog: string, version: string): string | undefined {
  const sections = changelog.split(/^## /m).slice(1);
  const section = sections.find(
    text => text.startsWith(`[${version}]`) || /^\S+/.exec(text)?.[0] === version,
  );
  return section
    ?.replace(/^.*/, '') // the heading
    .replace(/^\[[^\]]+\]: .*$/gm, '') // the addresses of the headings, at the end of the file
    .trim();
}
