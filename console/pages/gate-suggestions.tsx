/** Other inputs that whoever signs suggests, another time most of all, and what whoever asked makes of them. */
import { useMemo, useState } from 'react';
import { defined } from '../../plan/defined.ts';
import { ApiError, post } from '../api/client.ts';
import type { Json, JsonSchema, QuestionTold, Suggested } from '../api/types.ts';
import { Confirm, Refused } from '../components/dialog.tsx';
import { Fields } from '../components/fields.tsx';
import { changedValues, type FieldValues, fieldProblems, fieldsOf, needsLook } from '../lib/form.ts';
import { enumerated, fieldWords } from '../lib/words.ts';
import { ChangeList } from './gate-changes.tsx';

export type Suggestable = Record<string, { schema: JsonSchema; value?: Json }>;

export function SuggestedInputs({ instead, by }: { instead: readonly Suggested[]; by: string }) {
  return (
    <ChangeList
      changes={instead.map(({ input, before, after }) => ({ what: fieldWords(input), before, after, by }))}
    />
  );
}

interface SuggestProps {
  inputs: Suggestable;
  answeredBy: readonly string[];
  path: string;
  onSent: () => void;
}

export function Suggest(props: SuggestProps) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <p>
        <button type="button" className="small" onClick={() => setOpen(true)}>
          Suggest another time or other inputs
        </button>
      </p>
      {open && <SuggestForm {...props} close={() => setOpen(false)} />}
    </>
  );
}

function SuggestForm({ inputs, answeredBy, path, onSent, close }: SuggestProps & { close: () => void }) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is typed stays while the page is brought up to date.
  const fields = useMemo(() => fieldsNow(inputs), []);
  const [typed, setTyped] = useState<FieldValues>({});
  const [problems, setProblems] = useState<Record<string, string>>({});
  const send = async (text: string) => {
    const { values, problems: wrong } = changedValues(fields, typed);
    setProblems(wrong);
    const look = needsLook(fields, wrong);
    if (look) throw new Refused(look);
    if (Object.keys(values).length === 0) throw new Refused('Nothing is different yet.');
    try {
      await post(path, { text, inputs: values });
    } catch (problem) {
      if (!(problem instanceof ApiError && problem.status === 422)) throw problem;
      const { byField, rest } = fieldProblems(problem.message, Object.keys(inputs));
      setProblems(byField);
      throw new Refused(rest || needsLook(fields, byField) || 'Some fields need another look.');
    }
    close();
    onSent();
  };
  return (
    <Confirm
      title="Suggest other inputs?"
      action="Suggest them"
      comment={{ label: 'Why?', required: true, hint: 'It becomes part of the record.' }}
      onConfirm={send}
      onClose={close}
    >
      <p>
        Nothing is refused or changed by it. {enumerated(answeredBy)} {answeredBy.length === 1 ? 'is' : 'are'}{' '}
        told. Accepted, the inputs are changed, and people are asked again.
      </p>
      <Fields
        fields={fields}
        typed={typed}
        problems={problems}
        onType={(name, value) => setTyped((before) => ({ ...before, [name]: value }))}
      />
    </Confirm>
  );
}

function fieldsNow(inputs: Suggestable) {
  const described = Object.entries(inputs).map(([name, { schema }]) => [name, { schema, required: false }]);
  const values = Object.entries(inputs).flatMap(([name, { value }]) =>
    value === undefined ? [] : [[name, value]],
  );
  return fieldsOf(Object.fromEntries(described), Object.fromEntries(values));
}

interface SuggestionProps {
  question: QuestionTold & { overtaken?: string };
  mayAccept: boolean;
  path: string;
  onSent: () => void;
}

/** The two answers to it. */
export function Suggestion({ question, mayAccept, path, onSent }: SuggestionProps) {
  const [asking, setAsking] = useState<'accept' | 'decline'>();
  const send = async (text: string) => {
    await post(`${path}/${asking}`, defined({ text: text || undefined }));
    setAsking(undefined);
    onSent();
  };
  const canAccept = mayAccept && question.overtaken === undefined;
  return (
    <>
      <div className="buttons">
        {canAccept && (
          <button type="button" className="small primary" onClick={() => setAsking('accept')}>
            Accept
          </button>
        )}
        <button type="button" className="small" onClick={() => setAsking('decline')}>
          Decline
        </button>
      </div>
      {!mayAccept && <p className="quiet">Only those who operate the run can accept it.</p>}
      {asking && (
        <Confirm
          title={asking === 'accept' ? 'Accept what is suggested?' : 'Decline what is suggested?'}
          action={asking === 'accept' ? 'Accept it' : 'Decline it'}
          comment={
            asking === 'accept'
              ? { label: 'Comment', hint: 'It becomes part of the record.' }
              : { label: 'Why?', required: true, hint: `${question.by} reads this.` }
          }
          onConfirm={send}
          onClose={() => setAsking(undefined)}
        >
          {question.instead && <SuggestedInputs instead={question.instead} by={question.by} />}
          <p>
            {asking === 'accept'
              ? 'The inputs are changed by your hand: what nobody has signed yet is in force at once, votes on it are void, and people are asked again. You may not sign then.'
              : 'What stands stays as it is, and the signature is still asked for.'}
          </p>
        </Confirm>
      )}
    </>
  );
}
