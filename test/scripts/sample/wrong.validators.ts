export const wrongValidators = { anything: () => true };
