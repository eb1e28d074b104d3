import type { ModelType } from '../dify/protocol/requests.schemas.ts';
import type { ModelDescription } from '../xinference/description.ts';
import type { FormEntry } from './report.ts';

/** The model types as Dify's form for a new model names them. */
export const TYPE_NAMES: Readonly<Record<ModelType, string>> = {
  llm: 'LLM',
  'text-embedding': 'Text Embedding',
  rerank: 'Rerank',
  speech2text: 'Speech2text',
  tts: 'TTS',
  moderation: 'Moderation',
};

/** What the doctor knows of a model and its server when it says what to type. */
export interface FormFacts {
  readonly uid: string;
  readonly description: ModelDescription;
  readonly serverUrl: string;
  readonly needsKey: boolean;
  readonly verifyTls: boolean;
}

/** What to type into Dify's form for one model: the fields without which it does not work, or works worse. */
export function formFor(modelType: ModelType, facts: FormFacts): FormEntry[] {
  const { uid, description, serverUrl, needsKey, verifyTls } = facts;
  const entries: FormEntry[] = [
    field('Model Type', TYPE_NAMES[modelType]),
    field('Model Name', uid, 'or any other name: Dify shows the model under it'),
    field('Server URL', serverUrl),
    field('Model UID', uid),
  ];
  if (needsKey) entries.push(field('API key', 'the key that you gave here'));
  const { name = '', contextLength } = description;
  if (modelType === 'llm' && contextLength === undefined) {
    entries.push(
      field('Context size', 'its context in tokens', 'the server does not tell it; empty counts as 8192'),
    );
  }
  if (modelType === 'text-embedding') {
    const prefix = queryPrefixOf(name);
    if (prefix !== undefined)
      entries.push(field('Query prefix', prefix, 'as the model was trained; may stay empty'));
  }
  if (modelType === 'tts') {
    entries.push(
      field(
        'Voices',
        'the names in the documentation of the model',
        'may stay empty; Xinference lists no voices',
      ),
    );
  }
  if (!verifyTls) entries.push(field("Check the server's certificate", 'No, accept a self-signed one'));
  return entries;
}

function field(label: string, value: string, note = ''): FormEntry {
  return { label, value, note };
}

/** The instruction that a family of embedding models wants before a query, by what its authors publish. */
function queryPrefixOf(name: string): string | undefined {
  if (/^bge-(?:small|base|large)-en/i.test(name))
    return 'Represent this sentence for searching relevant passages:';
  if (/^bge-(?:small|base|large)-zh/i.test(name)) return '为这个句子生成表示以用于检索相关文章：';
  if (/e5-(?:small|base|large)/i.test(name)) return 'query:';
  return undefined;
}
