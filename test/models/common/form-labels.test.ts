import { expect, it } from 'vitest';
import { FORM_LABELS } from '../../../models/common/form-labels.ts';
import { declarationOf } from '../../../src/dify/declaration/declaration.ts';
import { modelFormOf } from '../../../src/dify/declaration/model-form.ts';

const declaration = declarationOf(`${import.meta.dirname}/../../..`);

it('calls every field as the form of the provider does', () => {
  const fields = modelFormOf(declaration).credential_form_schemas;
  expect(FORM_LABELS).toEqual(
    Object.fromEntries(fields.map(({ variable, label }) => [variable, label.en_US])),
  );
});
