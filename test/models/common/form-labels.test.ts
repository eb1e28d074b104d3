import { expect, it, test } from 'vitest';
import { FORM_LABELS, OPTION_LABELS } from '../../../models/common/form-labels.ts';
import { LONGEST_VALUES } from '../../../models/common/form-lengths.ts';
import { declarationOf } from '../../../src/dify/declaration/declaration.ts';
import { modelFormOf } from '../../../src/dify/declaration/model-form.ts';

const fields = modelFormOf(declarationOf(`${import.meta.dirname}/../../..`)).credential_form_schemas;

it('calls every field with the words that its label in the form begins with', () => {
  expect(Object.keys(FORM_LABELS).sort()).toEqual([...new Set(fields.map(field => field.variable))].sort());
  for (const { variable, label } of fields) {
    expect(label.en_US.startsWith(FORM_LABELS[variable as keyof typeof FORM_LABELS]), label.en_US).toBe(true);
  }
});

it.each(Object.entries(OPTION_LABELS))('calls the options of %s as the form does', (variable, options) => {
  const field = fields.find(candidate => candidate.variable === variable);
  for (const [value, label] of Object.entries(options)) {
    const option = field?.options?.find(candidate => candidate.value === value);
    expect(option?.label.en_US.startsWith(label), `${variable}: ${label}`).toBe(true);
  }
});

test('issue 20: every variable has a longest length', () => {
  const { headers, advanced, ...others } = LONGEST_VALUES;
  expect([headers, advanced]).toEqual([16_000, 3_000_000]);
  expect(Object.keys(others)).toHaveLength(Object.keys(FORM_LABELS).length - 2);
  for (const longest of Object.values(others)) expect(longest).toBe(2_000);
});
