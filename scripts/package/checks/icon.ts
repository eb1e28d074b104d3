import type { PackageFile } from '../package-file.ts';
import { error, type Finding, manifestOf, textOf } from './check.ts';

/** The mark of the icon that the CLI makes for a new plugin. */
const TEMPLATE = 'DIFY_MARKETPLACE_TEMPLATE_ICON_DO_NOT_USE';
/** Of an older one: its only path. */
const OLD_TEMPLATE_PATH = 'M20 20 V80 M20 20 H60 Q80 20 80 40 T60 60 H20';

/** That the icons are there and are the plugin's own. */
export function* checkIcon(files: readonly PackageFile[]): Generator<Finding> {
  const { icon, icon_dark } = manifestOf(files) ?? {};
  for (const name of [icon, icon_dark].filter(each => typeof each === 'string')) {
    const path = `_assets/${name}`;
    const drawing = textOf(files, path);
    if (drawing === undefined) yield error(path, 'is missing');
    else if (drawing.includes(TEMPLATE) || drawing.includes(OLD_TEMPLATE_PATH))
      yield error(path, 'is the icon of the template');
  }
}
