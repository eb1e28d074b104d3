import type { Declaration } from './read-declaration.ts';

/** The form by which users add a model. @throws Error for a provider whose models are all predefined */
export function modelFormOf({ provider }: Declaration) {
  const form = provider.model_credential_schema;
  if (form === undefined) throw new Error(`Users add no models to the provider ${provider.provider}.`);
  return form;
}
