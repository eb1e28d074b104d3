/** The variable by which the operator of a host names another Node.js to a plugin, such as `XINFERENCE_PLUGIN_NODE`. */
export function nodeVariable(pluginName: string): string {
  return `${pluginName.toUpperCase().replaceAll('-', '_')}_PLUGIN_NODE`;
}
