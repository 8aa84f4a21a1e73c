/** The controls of a form made from a JSON Schema: each with its label, and what is wrong with it beside it. */
import { useId } from 'react';
import type { Field, FieldValue, FieldValues } from '../lib/form.ts';

interface FieldsProps {
  fields: readonly Field[];
  typed: FieldValues;
  problems: Record<string, string>;
  onType: (name: string, value: FieldValue) => void;
}

export function Fields({ fields, typed, problems, onType }: FieldsProps) {
  return fields.map((field) => (
    <FieldControl
      key={field.name}
      field={field}
      value={typed[field.name] ?? field.initial}
      problem={problems[field.name]}
      onType={(value) => onType(field.name, value)}
    />
  ));
}

interface ControlProps {
  field: Field;
  value: FieldValue;
  problem: string | undefined;
  onType: (value: FieldValue) => void;
}

function FieldControl({ field, value, problem, onType }: ControlProps) {
  const [id, note] = [useId(), useId()];
  const described = { 'aria-describedby': note, 'aria-invalid': problem !== undefined };
  const hint = problem ?? hintOf(field);
  const message = hint && (
    <p id={note} className={problem ? 'problem' : 'hint'}>
      {hint}
    </p>
  );
  if (field.type === 'choices') {
    const ticked = Array.isArray(value) ? value : [];
    return (
      <fieldset className="field" {...described}>
        <legend>
          <Label field={field} />
        </legend>
        {field.options.map(String).map((option) => (
          <label key={option} className="tick">
            <input
              type="checkbox"
              name={field.name}
              checked={ticked.includes(option)}
              onChange={({ target }) =>
                onType(target.checked ? [...ticked, option] : ticked.filter((each) => each !== option))
              }
            />
            {option}
          </label>
        ))}
        {message}
      </fieldset>
    );
  }
  if (field.type === 'flag') {
    return (
      <div className="field">
        <label className="tick">
          <input
            type="checkbox"
            name={field.name}
            checked={value === true}
            onChange={({ target }) => onType(target.checked)}
            {...described}
          />
          {field.label}
        </label>
        {message}
      </div>
    );
  }
  return (
    <div className="field">
      <label htmlFor={id}>
        <Label field={field} />
      </label>
      <Control id={id} field={field} text={String(value)} onType={onType} described={described} />
      {message}
    </div>
  );
}

function Label({ field }: { field: Field }) {
  return (
    <>
      {field.label} {!field.required && <span className="optional">optional</span>}
    </>
  );
}

function hintOf(field: Field): string | undefined {
  if (field.sensitive) return 'Kept sealed: shown to nobody once it is sent.';
  if (field.type === 'lines') return 'One a line.';
  return field.type === 'json' ? 'As JSON.' : undefined;
}

interface TextControlProps {
  id: string;
  field: Field;
  text: string;
  onType: (value: string) => void;
  described: { 'aria-describedby': string; 'aria-invalid': boolean };
}

const inputTypes: Partial<Record<Field['type'], string>> = {
  email: 'email',
  date: 'date',
  time: 'datetime-local',
};

function Control({ id, field, text, onType, described }: TextControlProps) {
  const common = { id, name: field.name, value: text, 'aria-required': field.required, ...described };
  if (field.type === 'choice') {
    return (
      <select {...common} onChange={({ target }) => onType(target.value)}>
        <option value="">Choose …</option>
        {field.options.map(String).map((option) => (
          <option key={option}>{option}</option>
        ))}
      </select>
    );
  }
  if (field.type === 'lines' || field.type === 'json') {
    return (
      <textarea
        {...common}
        className={field.type === 'json' ? 'code' : undefined}
        rows={field.type === 'json' ? 5 : 3}
        spellCheck={false}
        onChange={({ target }) => onType(target.value)}
      />
    );
  }
  return (
    <input
      {...common}
      type={field.sensitive ? 'password' : (inputTypes[field.type] ?? 'text')}
      inputMode={field.type === 'number' ? (field.whole ? 'numeric' : 'decimal') : undefined}
      autoComplete="off"
      onChange={({ target }) => onType(target.value)}
    />
  );
}
