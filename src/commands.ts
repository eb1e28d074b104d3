import type { Commands } from './dify/index.ts';

/** What the command line can do beside serving a host. Each is loaded when it is asked for. */
export const commands: Commands = {
  doctor: {
    help: ['what a Xinference server offers, and what to type into Dify;', 'doctor --help tells how'],
    run: async words => (await import('./doctor/doctor.ts')).doctor(words),
  },
  import: {
    help: ['adds all models of a Xinference server to Dify;', 'import --help tells how'],
    run: async words => (await import('./import/import.ts')).importModels(words),
  },
};
