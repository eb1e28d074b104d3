/** How the credential form calls its fields in English, by their variables: users see the labels alone. */
export const FORM_LABELS = {
  server_url: 'Server URL',
  model_uid: 'Model UID',
  api_key: 'API key',
  context_size: 'Context size',
  tool_calling: 'Tool calling',
  vision: 'Vision',
  structured_output: 'Structured output',
  thinking: 'Thinking',
  max_chunks: 'Texts per request',
  query_prefix: 'Query prefix',
  language: 'Language of the speech',
  voices: 'Voices',
  audio_format: 'Audio format',
  invoke_timeout: 'Timeout in seconds',
  max_retries: 'Retries',
  tls_verify: "Check the server's certificate",
} as const;

/** A variable of the credential form. */
export type FormVariable = keyof typeof FORM_LABELS;

/** Names a field to the user, as in: Raise "Timeout in seconds" in the credentials. */
export function fieldName(variable: FormVariable): string {
  return `"${FORM_LABELS[variable]}"`;
}
