import { describe, expect, it } from 'vitest';
import type { DifyEntry, ServerModel } from '../../../src/import/plan/entry.ts';
import { HIDDEN } from '../../../src/import/plan/form-values.ts';
import { type PlanFacts, type PlanWishes, planImport } from '../../../src/import/plan/plan.ts';

const URL = 'http://gpu1:9997';

function model(uid: string, modelType: ServerModel['modelType'] = 'llm'): ServerModel {
  return { uid, modelType, form: { server_url: URL, model_uid: uid }, refusal: null };
}

function entry(name: string, credentials: Record<string, unknown>, rest: Partial<DifyEntry> = {}): DifyEntry {
  const form = { credentialId: `id of ${name}`, credentials, isUsed: true, unread: null };
  return { name, modelType: 'llm', ...form, ...rest };
}

function planned(facts: Partial<PlanFacts>, wishes: Partial<PlanWishes> = {}) {
  const models = facts.models ?? [];
  return planImport(
    {
      serverUrl: URL,
      models,
      running: models.map(({ uid }) => uid),
      launching: [],
      entries: [],
      secretFields: new Set(['api_key', 'headers']),
      ...facts,
    },
    {
      only: undefined,
      types: undefined,
      prefix: '',
      update: false,
      updateKey: false,
      removeMissing: false,
      given: { server_url: URL },
      apiKey: undefined,
      ...wishes,
    },
  );
}

describe('a model of the server is known in Dify', () => {
  it.each([
    ['by its address, however it is spelled', { server_url: 'HTTP://GPU1:9997/v1/', model_uid: 'chat' }],
    ['by its UID with blanks around it', { server_url: URL, model_uid: ' chat ' }],
    ["by its name, where there is no UID, as in a package's own models", { server_url: URL }],
  ])('%s', (_how, credentials) => {
    const [step] = planned({ models: [model('chat')], entries: [entry('chat', credentials)] });
    expect(step).toMatchObject({ action: 'leave', name: 'chat' });
  });

  it.each([
    ['another port', { server_url: 'http://gpu1:9998', model_uid: 'chat' }],
    ['https', { server_url: 'https://gpu1:9997', model_uid: 'chat' }],
    ['another UID', { server_url: URL, model_uid: 'other' }],
    ['what is no address', { server_url: 'gpu1', model_uid: 'chat' }],
    ['no address', {}],
  ])('not by %s', (_what, credentials) => {
    const [step] = planned({ models: [model('chat')], entries: [entry('x', credentials)] });
    expect(step).toMatchObject({ action: 'add', name: 'chat' });
  });

  it('nor as another type', () => {
    const entries = [entry('chat', { server_url: URL, model_uid: 'chat' }, { modelType: 'rerank' })];
    const [step] = planned({ models: [model('chat')], entries });
    expect(step).toMatchObject({ action: 'add', modelType: 'llm', name: 'chat' });
  });
});

describe('names', () => {
  const taken = (...names: string[]) => names.map(name => entry(name, { server_url: 'http://gpu2:9997' }));

  it.each([
    [[], 'chat'],
    [['chat'], 'chat (gpu1)'],
    [['chat', 'chat (gpu1)'], 'chat (gpu1:9997)'],
    [['chat', 'chat (gpu1)', 'chat (gpu1:9997)'], 'chat (gpu1:9997 2)'],
  ])('where %j are taken: %s', (names, name) => {
    expect(planned({ models: [model('chat')], entries: taken(...names) })).toMatchObject([{ name }]);
  });

  it('two of one import do not get the same', () => {
    const models = [model('chat (gpu1)'), model('chat')];
    const names = planned({ models, entries: taken('chat') }).map(({ name }) => name);
    expect(names).toEqual(['chat (gpu1)', 'chat (gpu1:9997)']);
  });
});

describe('an update', () => {
  const stored = {
    server_url: URL,
    model_uid: 'chat',
    api_key: 'sk-012************89',
    invoke_timeout: '60',
    vision: 'on',
  };
  const facts = { models: [model('chat')], entries: [entry('chat', stored)] };
  const given = { server_url: URL, invoke_timeout: '120' };

  it('writes what was given and differs; secrets stay by the mark that stands for them', () => {
    expect(planned(facts, { update: true, given })).toMatchObject([
      {
        action: 'update',
        credentialId: 'id of chat',
        changes: ['invoke_timeout'],
        credentials: { ...stored, api_key: HIDDEN, invoke_timeout: '120' },
      },
    ]);
  });

  it('does not write what is so already, nor what was not given', () => {
    expect(planned(facts, { update: true, given: { ...given, invoke_timeout: '60' } })).toMatchObject([
      { action: 'leave' },
    ]);
  });

  it('spells the address as it was given', () => {
    const entries = [entry('chat', { ...stored, server_url: `${URL}/v1/` })];
    expect(planned({ ...facts, entries }, { update: true })).toMatchObject([
      { changes: ['server_url'], credentials: { server_url: URL, invoke_timeout: '60' } },
    ]);
  });

  it('fills in what Dify demands and an older form did not have', () => {
    const entries = [entry('chat', { server_url: URL })]; // and no model_uid
    const [step] = planned({ ...facts, entries }, { update: true, given });
    expect(step).toMatchObject({
      credentials: { model_uid: 'chat', max_retries: '3', invoke_timeout: '120' },
    });
  });

  it('of the key may take it away, too', () => {
    expect(planned(facts, { updateKey: true, apiKey: '' })).toMatchObject([
      { changes: ['api_key'], credentials: { api_key: '', invoke_timeout: '60' } },
    ]);
  });
});

describe('what the server does not run', () => {
  const entries = [entry('gone', { server_url: URL, model_uid: 'gone' })];

  it('is taken out', () => {
    expect(planned({ models: [model('chat')], entries }, { removeMissing: true })).toMatchObject([
      { action: 'add' },
      { action: 'remove', name: 'gone', credentialId: 'id of gone' },
    ]);
  });

  it('is not taken out while it is being launched', () => {
    const facts = { models: [model('chat')], entries, launching: ['gone'] };
    expect(planned(facts, { removeMissing: true })).toMatchObject([{ action: 'add' }]);
  });

  it('is not taken out where nothing runs, whatever is being launched', () => {
    const facts = { running: [], launching: ['other'], entries };
    expect(planned(facts, { removeMissing: true })).toMatchObject([{ action: 'missing', name: 'gone' }]);
  });

  it('is not taken out where it runs and Dify has no type for it', () => {
    const facts = { models: [], running: ['gone'], entries };
    expect(planned(facts, { removeMissing: true })).toEqual([]);
  });
});
