import { llm } from '../../../fake/xinference/models.ts';
import { fails, refused, says, type Table } from './table.ts';

const story = ' there was a tiny model that lived in a test server. It answered every call';

export const completionsTransformers: Table = {
  model: llm('completions', { model_engine: 'Transformers', model_ability: ['generate'] }),
  rows: {
    'completions-generate-basic': says(story, [4, 16], 'length'),
    'completions-generate-list': refused('prompt str type expected'),
    'completions-generate-stop': says(' there was a tiny ', [4, 4]),
    'completions-generate-stream': says(story, [4, 16], 'length'),
    'completions-generate-stream-usage': says(story, [4, 16], 'length'),
    'completions-generate-too-long': says('2 3 2 2 3 2 27 2', [4072, 16], 'length'),
    'completions-llm-basic': fails('InvokeServerUnavailableError', "'str' object has no attribute 'get'"),
    'completions-llm-stream': fails('InvokeServerUnavailableError', "'str' object has no attribute 'get'"),
  },
};

export const completionsLlamacpp: Table = {
  model: llm('completions-gguf', { model_engine: 'llama.cpp', model_ability: ['generate'] }),
  rows: {
    'completions-gguf-basic': says(story, [4, 16], 'length'),
    'completions-gguf-list': refused('prompt str type expected'),
    'completions-gguf-stop': says(' there was a tiny ', [4, 5]),
    'completions-gguf-stream': says(story, [4, 16], 'length'),
    'completions-gguf-stream-usage': says(story, [4, 16], 'length'),
    'completions-gguf-too-long': fails(
      'InvokeServerUnavailableError',
      'exceeds the available context size (2048 tokens)',
    ),
  },
};
