import { describe, expect, it } from 'vitest';
import { neverEndingBody } from '../fake/xinference/faults.ts';
import { askingActions } from './actions.ts';
import { expectNextWorks, setUpMatrix } from './set-up.ts';

// One after the other: each moves as many bytes as the machine can.
describe('an answer without an end', () => {
  it.each(askingActions.filter(({ standsIn }) => standsIn))('is given up by $name', async action => {
    await using all = await setUpMatrix();
    const { server, ask } = all;
    server.answer(action.route, neverEndingBody);
    expect((await ask(action, server.url).result()).error).toBeUndefined();
    expect((await server.arrival(action.route).then(({ outcome }) => outcome)).aborted).toBe(true);
    await expectNextWorks(action, all);
  });

  it.each(askingActions.filter(({ streams, standsIn }) => !streams && !standsIn))(
    'is an error for $name, which reads it whole',
    async action => {
      await using all = await setUpMatrix();
      const { server, ask } = all;
      server.answer(action.route, neverEndingBody);
      const { error, stream } = await ask(action, server.url).result();
      expect(error?.error_type).toBe(action.errorType ?? 'InvokeServerUnavailableError');
      expect(error?.message).toContain(server.url);
      expect(error?.message).toMatch(/longer than \d+ MiB|too long/);
      expect(stream).toEqual([]);
      expect((await server.arrival(action.route).then(({ outcome }) => outcome)).aborted).toBe(true);
      await expectNextWorks(action, all);
    },
  );

  it.each(askingActions.filter(({ streams }) => streams))(
    'goes on in $name until somebody has enough',
    async action => {
      await using all = await setUpMatrix();
      const { server, ask, plugin } = all;
      server.answer(action.route, neverEndingBody);
      const session = ask(action, server.url);
      let results = 0;
      for await (const { type } of session.messages) if (type === 'stream' && ++results === 100) break;
      plugin.host.cancel(session.id);
      expect((await session.result()).error?.error_type).toBe('RequestCancelledError');
      expect((await server.arrival(action.route).then(({ outcome }) => outcome)).aborted).toBe(true);
      await expectNextWorks(action, all);
    },
  );
});
