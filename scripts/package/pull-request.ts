import type { Signal } from './checks/capabilities.ts';
import type { Finding } from './checks/check.ts';
import { findingLine } from './checks/checks.ts';

/** What a submission to the Marketplace says about a package. */
export interface Submission {
  readonly manifest: {
    readonly author: string;
    readonly name: string;
    readonly version: string;
    readonly repo: string;
    readonly contact?: string | undefined;
    readonly label: { readonly en_US: string };
  };
  /** The version's section of the changelog. */
  readonly changes: string;
  /** Whether the Marketplace has an earlier version. */
  readonly isUpdate: boolean;
  readonly signals: readonly Signal[];
  readonly warnings: readonly Finding[];
  /** What was run on the package, and what came of it. */
  readonly validation: readonly string[];
}

/**
 * The text of a pull request to the Marketplace.
 * @param template with fields such as `{{author}}`
 * @throws Error for a field that nothing is known of
 */
export function pullRequestText(template: string, submission: Submission): string {
  const { manifest, isUpdate, signals, warnings, validation } = submission;
  const fields: Readonly<Record<string, string>> = {
    label: manifest.label.en_US,
    author: manifest.author,
    name: manifest.name,
    version: manifest.version,
    repo: manifest.repo,
    contact: manifest.contact ?? '',
    new: isUpdate ? ' ' : 'x',
    update: isUpdate ? 'x' : ' ',
    changes: isUpdate ? withBreaking(submission.changes) : submission.changes,
    signals:
      signals
        .map(
          ({ capability, where, line }) => `- ${capability}: \`${where}\` \`${line.replaceAll('`', "'")}\``,
        )
        .join('\n') || '- none',
    warnings: warnings.map(finding => `- ${findingLine(finding)}`).join('\n'),
    validation: validation.join('\n'),
  };
  const text = template.replace(/^<!--.*?-->\s*/s, '').replace(/\{\{(\w+)\}\}/g, (_field, name: string) => {
    const value = fields[name];
    if (value === undefined)
      throw new Error(`The template has a field {{${name}}}, of which nothing is known.`);
    return value;
  });
  return `${text.trimEnd()}\n`;
}

/** Changes that say whether one of them breaks something. A changelog has to name one that does "breaking". */
function withBreaking(changes: string): string {
  return /\bbreak(?:s|ing)\b/i.test(changes) ? changes : `${changes}\n\nThere are no breaking changes.`;
}
