import { FORM_LABELS, type FormVariable, OPTION_LABELS } from '../../../models/common/form-labels.ts';
import { TYPE_NAMES } from '../../../models/common/model-types.ts';
import { declarationOf } from '../../dify/declaration/declaration.ts';
import { modelFormOf } from '../../dify/declaration/model-form.ts';
import type { ModelType } from '../../dify/index.ts';
import type { ModelDescription } from '../../xinference/description.ts';
import type { FormEntry } from '../report/report.ts';

/** What is known of a model and its server. */
export interface FormFacts {
  readonly uid: string;
  readonly description: ModelDescription;
  readonly serverUrl: string;
  /** As the plugin's schema of the model has them. */
  readonly properties: Readonly<Record<string, unknown>>;
  readonly needsKey: boolean;
  readonly verifyTls: boolean;
}

const { model } = modelFormOf(declarationOf(`${import.meta.dirname}/../../..`));

/** What to type into Dify's form for one model: the fields without which it does not work, or works worse. */
export function formFor(modelType: ModelType, facts: FormFacts): FormEntry[] {
  const { uid, description, serverUrl, properties, needsKey, verifyTls } = facts;
  const entries: FormEntry[] = [
    { label: 'Model Type', value: TYPE_NAMES[modelType], note: '' },
    { label: model.label.en_US, value: uid, note: 'or any other name: Dify shows the model under it' },
    entry('server_url', serverUrl),
    entry('model_uid', uid),
  ];
  if (needsKey) entries.push(entry('api_key', 'the key that you gave here'));
  if (modelType === 'llm' && description.contextLength === undefined) {
    entries.push(
      entry('context_size', 'its context in tokens', 'the server does not tell it; empty counts as 8192'),
    );
  }
  if (modelType === 'text-embedding') {
    const prefix = queryPrefixOf(description.name ?? '');
    if (prefix !== undefined) {
      // The plugin puts the blank behind it that the models in Latin script were trained with.
      entries.push(entry('query_prefix', prefix, 'as the model was trained; may stay empty'));
    }
  }
  // Of some families the plugin knows the voices; of the others there is only a default, since the server lists none.
  if (modelType === 'tts' && properties['default_voice'] === 'default') {
    const note = 'may stay empty: then the model speaks with its own default';
    entries.push(entry('voices', "the names in the model's own documentation", note));
  }
  if (!verifyTls) entries.push(entry('tls_verify', OPTION_LABELS.tls_verify.no));
  return entries;
}

/** A field by the words that its label begins with: what the label says beyond them, the form tells. */
function entry(variable: FormVariable, value: string, note = ''): FormEntry {
  return { label: FORM_LABELS[variable], value, note };
}

/**
 * The instruction that a family of embedding models wants before a query, as its authors publish it. Those of Qwen3
 * Embedding and the instruct models of E5 name the task at hand, which only the user knows.
 */
export function queryPrefixOf(name: string): string | undefined {
  if (/^bge-(?:small|base|large)-en/i.test(name)) {
    return 'Represent this sentence for searching relevant passages:';
  }
  if (/^bge-(?:small|base|large)-zh/i.test(name)) return '为这个句子生成表示以用于检索相关文章：';
  if (/e5-(?:small|base|large)(?!-instruct)/i.test(name)) return 'query:';
  return undefined;
}
