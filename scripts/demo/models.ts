import { modelTypesOf } from '../../models/common/model-types.ts';
import type { ModelType } from '../../src/dify/protocol/requests.schemas.ts';
import { parseDescription } from '../../src/xinference/description.ts';

/** A model that the demo shows, as the Dify type that it serves. */
export interface DemoModel {
  readonly uid: string;
  readonly type: ModelType;
}

/**
 * Which of a server's models to show: the named ones, else the first of each type.
 * @throws Error when the server cannot be asked, or runs no such model
 */
export async function chooseModels(
  server: string,
  apiKey: string,
  named: readonly string[],
): Promise<DemoModel[]> {
  const running = await listRunning(server.replace(/\/+$/, ''), apiKey);
  const chosen =
    named.length > 0 ? running.filter(({ uid }) => named.includes(uid)) : firstOfEachType(running);
  const missing = named.filter(uid => !chosen.some(model => model.uid === uid));
  if (missing.length > 0 || chosen.length === 0) {
    const uids = running.map(({ uid }) => uid).join(', ') || 'none at all';
    throw new Error(
      `The server runs no model ${missing.join(', ') || 'that Dify has a type for'}. It runs: ${uids}.`,
    );
  }
  return chosen;
}

async function listRunning(server: string, apiKey: string): Promise<DemoModel[]> {
  const headers = apiKey === '' ? {} : { authorization: `Bearer ${apiKey}` };
  const answer = await fetch(`${server}/v1/models`, { headers }).catch((error: Error) => {
    const { cause } = error as { cause?: { code?: string } };
    throw new Error(
      `Nothing answers at ${server} (${cause?.code ?? error.message}). Is Xinference running there?`,
    );
  });
  if (!answer.ok)
    throw new Error(`${server}/v1/models answered with HTTP ${answer.status}: ${await answer.text()}`);
  const { data = [] } = (await answer.json()) as { data?: unknown[] };
  return data.flatMap(entry => {
    const description = parseDescription(entry);
    const [type] = description === undefined ? [] : modelTypesOf(description);
    return type === undefined ? [] : [{ uid: String((entry as { id: unknown }).id), type }];
  });
}

function firstOfEachType(models: readonly DemoModel[]): DemoModel[] {
  return models.filter((model, at) => models.findIndex(({ type }) => type === model.type) === at);
}
