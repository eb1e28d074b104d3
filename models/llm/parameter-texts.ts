import type { I18n } from '../../src/dify/index.ts';

/** What Dify shows of each parameter. */
export const PARAMETER_TEXTS = {
  temperature: {
    label: { en_US: 'Temperature', zh_Hans: '温度', ja_JP: '温度', pt_BR: 'Temperatura' },
    help: {
      en_US: 'How much chance there is in the choice of words: 0 always takes the likeliest.',
      zh_Hans: '控制随机性：0 表示总是选择最可能的词。',
      ja_JP: '言葉の選び方のばらつき。0 では常に最も確からしい語を選びます。',
      pt_BR: 'Quanto acaso há na escolha das palavras: 0 sempre escolhe a mais provável.',
    },
  },
  top_p: {
    label: { en_US: 'Top P', zh_Hans: 'Top P', ja_JP: 'Top P', pt_BR: 'Top P' },
    help: {
      en_US: 'Only the likeliest words that together have this probability are considered.',
      zh_Hans: '仅考虑累计概率达到该值的候选词。',
      ja_JP: '累積確率がこの値に達するまでの候補だけを考慮します。',
      pt_BR: 'Só são consideradas as palavras mais prováveis que somam esta probabilidade.',
    },
  },
  top_k: {
    label: { en_US: 'Top K', zh_Hans: 'Top K', ja_JP: 'Top K', pt_BR: 'Top K' },
    help: {
      en_US: 'Only this many of the likeliest words are considered.',
      zh_Hans: '仅考虑概率最高的若干候选词。',
      ja_JP: '確率の高い順にこの数の候補だけを考慮します。',
      pt_BR: 'Só são consideradas tantas das palavras mais prováveis.',
    },
  },
  max_tokens: {
    // Dify 1.13.2 shows no help, so what must be known stands here.
    label: {
      en_US: 'Max tokens (not set: the rest of the context; 1024 before Xinference 1.8.1)',
      zh_Hans: '最大标记（不设置：剩余上下文；Xinference 1.8.1 之前为 1024）',
      ja_JP: '最大トークン数（未設定：コンテキストの残り全部。Xinference 1.8.1 より前は 1024）',
      pt_BR: 'Máximo de tokens (sem valor: o resto do contexto; 1024 antes do Xinference 1.8.1)',
    },
    help: {
      en_US: 'The longest answer in tokens.',
      zh_Hans: '回答的最大长度（标记数）。',
      ja_JP: '回答の最大の長さ（トークン）。',
      pt_BR: 'A resposta mais longa em tokens.',
    },
  },
  presence_penalty: {
    label: {
      en_US: 'Presence penalty',
      zh_Hans: '存在惩罚',
      ja_JP: '存在ペナルティ',
      pt_BR: 'Penalidade de presença',
    },
    help: {
      en_US: 'Above 0, words that occurred already become less likely.',
      zh_Hans: '大于 0 时，已出现过的词更不容易再次出现。',
      ja_JP: '0 より大きいと、既に出た語が出にくくなります。',
      pt_BR: 'Acima de 0, palavras que já ocorreram ficam menos prováveis.',
    },
  },
  frequency_penalty: {
    label: {
      en_US: 'Frequency penalty',
      zh_Hans: '频率惩罚',
      ja_JP: '頻度ペナルティ',
      pt_BR: 'Penalidade de frequência',
    },
    help: {
      en_US: 'Above 0, words become less likely the more often they occurred.',
      zh_Hans: '大于 0 时，词出现得越频繁就越不容易再次出现。',
      ja_JP: '0 より大きいと、よく出た語ほど出にくくなります。',
      pt_BR: 'Acima de 0, quanto mais uma palavra ocorreu, menos provável ela fica.',
    },
  },
  seed: {
    label: { en_US: 'Seed', zh_Hans: '随机种子', ja_JP: 'シード', pt_BR: 'Semente' },
    help: {
      en_US: 'The same seed with the same request gives the same answer, as far as the engine can.',
      zh_Hans: '在引擎支持的范围内，相同种子和请求得到相同回答。',
      ja_JP: '同じシードと同じリクエストなら、エンジンの許す限り同じ回答になります。',
      pt_BR: 'A mesma semente com a mesma requisição dá a mesma resposta, até onde o motor consegue.',
    },
  },
  repetition_penalty: {
    label: {
      en_US: 'Repetition penalty',
      zh_Hans: '重复惩罚',
      ja_JP: '繰り返しペナルティ',
      pt_BR: 'Penalidade de repetição',
    },
    help: {
      en_US: 'Above 1, repetitions become less likely.',
      zh_Hans: '大于 1 时，重复内容更不容易出现。',
      ja_JP: '1 より大きいと、繰り返しが出にくくなります。',
      pt_BR: 'Acima de 1, repetições ficam menos prováveis.',
    },
  },
  enable_thinking: {
    label: { en_US: 'Thinking', zh_Hans: '思考模式', ja_JP: '思考', pt_BR: 'Raciocínio' },
    help: {
      en_US: 'Whether the model thinks before it answers. Not set: as the model was launched.',
      zh_Hans: '模型是否在回答前思考。不设置则按启动时的配置。',
      ja_JP: '回答の前に思考するか。未設定なら起動時の設定に従います。',
      pt_BR: 'Se o modelo raciocina antes de responder. Sem valor: como foi iniciado.',
    },
  },
  reasoning_effort: {
    label: {
      en_US: 'Reasoning effort',
      zh_Hans: '推理强度',
      ja_JP: '推論の強さ',
      pt_BR: 'Esforço de raciocínio',
    },
    help: {
      en_US: 'How long the model thinks.',
      zh_Hans: '模型思考的程度。',
      ja_JP: 'モデルがどれだけ考えるか。',
      pt_BR: 'Quanto o modelo raciocina.',
    },
  },
  thinking_budget: {
    label: {
      en_US: 'Thinking budget',
      zh_Hans: '思考预算',
      ja_JP: '思考の予算',
      pt_BR: 'Orçamento de raciocínio',
    },
    help: {
      en_US:
        'How many tokens the model may think for, where the server passes it on to the template or the engine.',
      zh_Hans: '模型思考可用的标记数，前提是服务器将其传给模板或引擎。',
      ja_JP: '思考に使えるトークン数。サーバーがテンプレートやエンジンに渡す場合に有効です。',
      pt_BR:
        'Quantos tokens o modelo pode usar para raciocinar, se o servidor os repassar ao modelo ou ao motor.',
    },
  },
  response_format: {
    label: {
      en_US: 'Response format',
      zh_Hans: '回复格式',
      ja_JP: '回答の形式',
      pt_BR: 'Formato da resposta',
    },
    help: {
      en_US: 'The form of the answer; json_schema needs the schema below.',
      zh_Hans: '回答的格式；json_schema 需要填写下面的模式。',
      ja_JP: '回答の形式。json_schema には下のスキーマが必要です。',
      pt_BR: 'A forma da resposta; json_schema precisa do esquema abaixo.',
    },
  },
  json_schema: {
    label: { en_US: 'JSON schema', zh_Hans: 'JSON 模式', ja_JP: 'JSON スキーマ', pt_BR: 'JSON Schema' },
    help: {
      en_US: 'A JSON schema that the answer follows, bare or as {"name": …, "schema": …}.',
      zh_Hans: '回答须遵循的 JSON 模式，可直接填写或写成 {"name": …, "schema": …}。',
      ja_JP: '回答が従う JSON スキーマ。そのまま、または {"name": …, "schema": …} と書きます。',
      pt_BR: 'Um JSON Schema que a resposta segue, puro ou como {"name": …, "schema": …}.',
    },
  },
  extra_body: {
    label: {
      en_US: 'Extra body',
      zh_Hans: '附加请求参数',
      ja_JP: '追加のパラメーター',
      pt_BR: 'Parâmetros extras',
    },
    help: {
      en_US: 'A JSON object that is merged into the request, for parameters without a field here.',
      zh_Hans: '合并到请求中的 JSON 对象，用于此处没有的参数。',
      ja_JP: 'リクエストに加える JSON オブジェクト。ここに欄のないパラメーターに使います。',
      pt_BR: 'Um objeto JSON incluído na requisição, para parâmetros sem campo aqui.',
    },
  },
} satisfies Record<string, { readonly label: I18n; readonly help: I18n }>;

export type ParameterName = keyof typeof PARAMETER_TEXTS;
