/**
 * How messages call the fields of the credential form, by their variables: each label of the form begins with these words in
 * English, and goes on with what the user must know.
 */
export const FORM_LABELS = {
  server_url: 'Server URL',
  model_uid: 'Model UID',
  api_key: 'API key',
  thinking: 'Thinking',
  tool_calling: 'Tool calling',
  vision: 'Vision',
  structured_output: 'Structured output',
  max_chunks: 'Texts per request',
  query_prefix: 'Query prefix',
  dimensions: 'Dimensions',
  rerank_scores: 'Scores from 0 to 1',
  instruction: 'Instruction',
  context_size: 'Context size',
  language: 'Language of the speech',
  task: 'Task',
  prompt: 'Prompt',
  voices: 'Voices',
  audio_format: 'Audio format',
  speed: 'Speed',
  speakable: 'Make text speakable',
  invoke_timeout: 'Timeout in seconds',
  max_retries: 'Retries',
  max_concurrency: 'Requests at once',
  fallback_url: 'Second server',
  headers: 'Headers',
  tls_verify: "Check the server's certificate",
  advanced: 'Advanced',
} as const;

/** A variable of the credential form. */
export type FormVariable = keyof typeof FORM_LABELS;

/** Names a field to the user, as in: Raise "Timeout in seconds" in the credentials. */
export function fieldName(variable: FormVariable): string {
  return `"${FORM_LABELS[variable]}"`;
}

/** How the form calls those of its options in English that messages name. */
export const OPTION_LABELS = {
  tls_verify: { no: 'No, accept a self-signed one' },
  tool_calling: { off: 'Off' },
} as const;

/** Names an option of a field to the user, as in: Set "Tool calling" to "Off". */
export function optionName<Field extends keyof typeof OPTION_LABELS>(
  field: Field,
  option: keyof (typeof OPTION_LABELS)[Field] & string,
): string {
  return `"${String(OPTION_LABELS[field][option])}"`;
}
