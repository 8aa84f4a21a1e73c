/** What whoever approves fills in: part of what is signed, so that it stands on the page before the two answers. */
import { useMemo, useState } from 'react';
import type { GateDetail, InputDescription, JsonObject, JsonSchema } from '../api/types.ts';
import { Notice, Values } from '../components/basics.tsx';
import { Fields } from '../components/fields.tsx';
import { filledInLast, otherValues } from '../lib/filled-in.ts';
import { type FieldValues, fieldsOf, missingIn, valuesOf } from '../lib/form.ts';

export interface FilledIn {
  /** What stands in the fields now; undefined where something is missing or wrong, which the fields say. */
  check(): JsonObject | undefined;
  /** What the gateway found wrong, by field. */
  tell(problems: Record<string, string>): void;
  view: React.ReactNode;
}

/** Undefined for an approval that asks for nothing. */
export function useGateForm(gate: GateDetail): FilledIn | undefined {
  const { form, required = [] } = gate;
  const newest = filledInLast(gate);
  const fields = useMemo(() => {
    const inputs = Object.entries(form ?? {}).map(([name, schema]): [string, InputDescription] => [
      name,
      { schema: schema as JsonSchema, required: required.includes(name) },
    ]);
    return fieldsOf(Object.fromEntries(inputs), newest?.form);
  }, [form, required, newest]);
  const [typed, setTyped] = useState<FieldValues>({});
  const [problems, setProblems] = useState<Record<string, string>>({});
  if (!form) return undefined;
  return {
    check() {
      const { values, problems: wrong } = valuesOf(fields, typed);
      const found = { ...missingIn(fields, values), ...wrong };
      setProblems(found);
      const [first] = fields.filter(({ name }) => found[name]);
      if (!first) return values;
      document.querySelector<HTMLElement>(`.gate-form [name="${CSS.escape(first.name)}"]`)?.focus();
      return undefined;
    },
    tell: setProblems,
    view: (
      <section className="gate-form" aria-labelledby="gate-form">
        <h2 id="gate-form">You fill in</h2>
        <Differing gate={gate} />
        <div className="sheet">
          <Fields
            fields={fields}
            typed={typed}
            problems={problems}
            onType={(name, value) => setTyped((before) => ({ ...before, [name]: value }))}
          />
        </div>
        <p className="hint">
          It is part of what you sign.{gate.needed > 1 && ' All who sign must fill in the same.'}
        </p>
      </section>
    ),
  };
}

function Differing({ gate }: { gate: GateDetail }) {
  const other = otherValues(gate);
  if (!other) return null;
  const { by, mine } = other;
  return mine ? (
    <Notice tone="attention" title={`${by} filled in something else after you.`} live>
      <p>
        Your approval does not count with that. Approve with these values, or with yours again, and the others
        are asked.
      </p>
      <p>You had filled in:</p>
      <Values values={mine} />
    </Notice>
  ) : (
    <p>{by} filled in what stands here. With other values, those who approved these are asked again.</p>
  );
}
