import type { ModelType } from '../../dify/protocol/requests.schemas.ts';

/** What a credential form of Dify holds, by variable. */
export type FormValues = Readonly<Record<string, string>>;

/** A model of the server as one of the types that it can be added as. */
export interface ServerModel {
  readonly uid: string;
  readonly modelType: ModelType;
  /** What a new form for it holds. */
  readonly form: FormValues;
  /** Why Dify would not save that form, as the plugin says it; null when it would. */
  readonly refusal: string | null;
}

/** A model by the name that it has in Dify. */
export interface NamedModel {
  readonly name: string;
  readonly modelType: ModelType;
}

/** Tells models apart: a name may be there once for each type. */
export function keyOf({ name, modelType }: NamedModel): string {
  return `${modelType} ${name}`;
}

/** Credentials of a model that stand in Dify. A model may have several, of which one is in use. */
export interface DifyEntry {
  /** The name under which Dify shows the model. */
  readonly name: string;
  readonly modelType: ModelType;
  /** Null in a Dify before 1.8, which has one form a model. */
  readonly credentialId: string | null;
  /** As Dify gives them out: secret values are obfuscated. */
  readonly credentials: Readonly<Record<string, unknown>>;
  /** Whether the model is in use with any credentials; they outlive its place in the list of models. */
  readonly isUsed: boolean;
  /** Why Dify does not give the credentials out; null where it does. */
  readonly unread: string | null;
}

/** What will be done about one model. */
export type Step = {
  /** The model's UID on the server. */
  readonly uid: string;
  readonly modelType: ModelType;
  /** The name that it has in Dify, or will have. */
  readonly name: string;
} & (
  | { readonly action: 'add'; readonly form: FormValues }
  | { readonly action: 'relist'; readonly credentialId: string }
  | {
      readonly action: 'update';
      readonly credentialId: string | null;
      /** The variables that change. */
      readonly changes: readonly string[];
      readonly credentials: Readonly<Record<string, unknown>>;
    }
  | { readonly action: 'remove'; readonly credentialId: string | null }
  | { readonly action: 'leave'; readonly reason: string }
  /** It stays in Dify, although the server does not run it any more. */
  | { readonly action: 'missing'; readonly reason: string }
  | { readonly action: 'refuse'; readonly reason: string }
);
