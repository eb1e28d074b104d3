/** The variable by which the operator of a host names another Node.js to a plugin: `MY_MODELS_PLUGIN_NODE` of `my-models`. */
export function nodeVariable(pluginName: string): string {
  return `${pluginName.toUpperCase().replaceAll('-', '_')}_PLUGIN_NODE`;
}
