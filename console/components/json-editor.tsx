/** Named values as JSON, for operators; what is wrong is said while one types. */

import { useId } from 'react';
import { errorText } from '../../plan/error-text.ts';
import { parsedObject } from '../lib/form.ts';

interface JsonEditorProps {
  label: string;
  hint?: string;
  text: string;
  onType: (text: string) => void;
}

export function JsonEditor({ label, hint, text, onType }: JsonEditorProps) {
  const [id, note] = [useId(), useId()];
  const problem = text.trim() ? problemIn(text) : undefined;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <textarea
        id={id}
        className="code"
        rows={8}
        spellCheck={false}
        autoCapitalize="off"
        value={text}
        aria-describedby={note}
        aria-invalid={problem !== undefined}
        onChange={({ target }) => onType(target.value)}
      />
      <p id={note} className={problem ? 'problem' : 'hint'} aria-live="polite">
        {problem ?? hint}
      </p>
    </div>
  );
}

export function problemIn(text: string): string | undefined {
  try {
    parsedObject(text);
    return undefined;
  } catch (error) {
    return errorText(error);
  }
}
