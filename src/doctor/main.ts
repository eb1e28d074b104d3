import { doctor } from './doctor.ts';

// A reader that has seen enough, as `head` has, is no failure.
process.stdout.on('error', () => process.exit(0));
process.exitCode = await doctor(process.argv.slice(2));
