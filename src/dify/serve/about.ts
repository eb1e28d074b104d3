/** What a program that is a plugin says of itself before anything is loaded. */
export interface About {
  /** As in `manifest.yaml`. It stands before what goes to stderr, and names the launcher's variable. */
  readonly name: string;
  /** For a person, as in: `My models for Dify 1.2.3`. */
  readonly title: string;
  /** The folder with `manifest.yaml`, `provider/` and `_assets/`, absolute. A bundle has it built in, but for the assets. */
  readonly folder: string;
  /** Loads what can be asked for on the command line, beside `--help` and `--version`. */
  readonly commands?: () => Promise<{ readonly commands: Commands }>;
}

/** Commands by their names. */
export type Commands = Readonly<Record<string, Command>>;

export interface Command {
  /** What it does, in the lines of the help. */
  readonly help: readonly string[];
  /** @param words what stands behind the name @returns the exit code */
  readonly run: (words: readonly string[]) => Promise<number>;
}
