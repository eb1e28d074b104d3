import { fieldName } from '../../../models/common/form-labels.ts';
import { engineOf } from '../../../models/llm/engines.ts';
import { switchesThinking } from '../../../models/llm/model.ts';
import type { ListedModel, ModelDescription } from '../../xinference/description.ts';
import { type Age, isBefore } from './age.ts';

/** A fault of Xinference that a later version mends. */
interface Weakness {
  /** The first version with it; undefined where all before have it. */
  readonly since?: string;
  readonly mendedIn: string;
  /** Whether it touches a model, as far as its description shows. */
  readonly touches: (model: ModelDescription) => boolean;
  /** What its user meets. */
  readonly says: string;
  /** Whether the plugin makes up for it. */
  readonly isWorkedAround: boolean;
}

const isLlm = ({ modelType }: ModelDescription) => modelType === 'LLM';
const callsTools = (model: ModelDescription) => isLlm(model) && model.abilities?.includes('tools') === true;
const onLlamaCpp = ({ format }: ModelDescription) => format === 'ggufv2';
/** Neither named nor told by the format of the model's files. */
const isEngineHidden = (model: ModelDescription) =>
  model.engine === undefined && engineOf(model).heedsSchema === undefined;
const noSchemas = `${fieldName('structured_output')} has to be switched off in the form`;

/** Seen on servers of these ages, or read in their source. */
const WEAKNESSES: readonly Weakness[] = [
  {
    mendedIn: '3.1.0',
    touches: model => isLlm(model) && isEngineHidden(model),
    says: `the server does not name the engine, so answers to requests with tools come whole, and ${fieldName('structured_output')} has to be switched on in the form where the engine heeds it`,
    isWorkedAround: false,
  },
  {
    mendedIn: '2.7.0',
    touches: model => callsTools(model) && onLlamaCpp(model),
    says: 'llama.cpp fails on every request with tools (list_iterator)',
    isWorkedAround: false,
  },
  {
    mendedIn: '1.15.0',
    touches: model => isLlm(model) && onLlamaCpp(model),
    says: `llama.cpp ignores a JSON schema, so ${noSchemas}`,
    isWorkedAround: false,
  },
  {
    mendedIn: '1.10.1',
    touches: model => isLlm(model) && model.format === 'fp8',
    says: `vLLM ignores a JSON schema, SGLang too before 1.9.0, so ${noSchemas}`,
    isWorkedAround: false,
  },
  {
    since: '1.11.0',
    mendedIn: '1.11.0.post1',
    touches: model => isLlm(model) && isEngineHidden(model),
    says: 'where Transformers serves it, its answers turn into random characters',
    isWorkedAround: false,
  },
  {
    since: '1.14.0', // with an xllamacpp of its time; 1.11.0 says it in words
    mendedIn: '2.12.0',
    touches: model => isLlm(model) && onLlamaCpp(model),
    says: "a conversation that is too long for llama.cpp is told by 'id', 'choices' or an empty answer, and nothing else",
    isWorkedAround: false,
  },
  {
    mendedIn: '1.8.1',
    touches: isLlm,
    says: 'an answer ends at 1024 tokens where "Max tokens" is not set',
    isWorkedAround: false,
  },
  {
    since: '1.13.0',
    mendedIn: '3.1.0',
    touches: ({ modelType }) => modelType === 'embedding',
    says: 'embeddings of calls side by side are numbered together',
    isWorkedAround: true,
  },
  {
    mendedIn: '2.2.0',
    touches: callsTools,
    says: 'streams with tools are refused',
    isWorkedAround: true,
  },
  {
    mendedIn: '1.17.0',
    touches: model => isLlm(model) && switchesThinking(model) === true,
    says: 'thinking is switched by chat_template_kwargs alone',
    isWorkedAround: true,
  },
  {
    mendedIn: '1.13.0',
    touches: callsTools,
    says: 'all tool calls of an answer have one id',
    isWorkedAround: true,
  },
  {
    mendedIn: '1.6.0',
    touches: ({ modelType, abilities }) => modelType === 'audio' && abilities === undefined,
    says: 'it lists no abilities, so its family has to tell whether it listens or speaks',
    isWorkedAround: true,
  },
];

const SHOWN_UIDS = 5;

/** What of a server's age touches the models that it runs: a line for each weakness, with the version that mends it. */
export function weaknessesOf(age: Age, models: readonly ListedModel[]): string[] {
  return WEAKNESSES.flatMap(({ since, mendedIn, touches, says, isWorkedAround }) => {
    const touched = models.filter(({ description }) => touches(description)).map(({ uid }) => uid);
    if (touched.length === 0 || !isBefore(age, mendedIn, since)) return [];
    const comfort = isWorkedAround ? '; the plugin makes up for it' : '';
    return [`${listOf(touched)}: ${says}${comfort}. Xinference ${mendedIn} mends it.`];
  });
}

function listOf(uids: readonly string[]): string {
  return `${uids.slice(0, SHOWN_UIDS).join(', ')}${uids.length > SHOWN_UIDS ? ', …' : ''}`;
}
