/** Trying a step with other input, and completing it by hand: by the form of its action, or as JSON where it has none. */
import { type ReactNode, useMemo, useState } from 'react';
import { ApiError, stepPath } from '../api/client.ts';
import type { Json, JsonObject, JsonSchema } from '../api/types.ts';
import { Failed, Loading } from '../components/basics.tsx';
import { Confirm, Dialog, Refused } from '../components/dialog.tsx';
import { Fields } from '../components/fields.tsx';
import { JsonEditor, problemIn } from '../components/json-editor.tsx';
import { useLoaded } from '../components/loading.ts';
import {
  type Field,
  type FieldValues,
  fieldProblems,
  fieldsOfObject,
  needsLook,
  parsedObject,
  valuesInstead,
} from '../lib/form.ts';
import type { TimelineStep } from '../lib/timeline.ts';

interface StepForm {
  input?: JsonSchema;
  output?: JsonSchema;
  sensitive: string[];
}

export interface StepQuestionProps {
  run: string;
  step: TimelineStep;
  tell: (command: string, body: object) => Promise<void>;
  close: () => void;
}

export function EditQuestion(props: StepQuestionProps) {
  const { step } = props;
  const { title } = step.outline;
  return (
    <Question
      {...props}
      title={`Try “${title}” with other input?`}
      action="Try with this input"
      comment="Why the input is different, for the record."
      json={{ label: 'Input, as JSON', hint: 'Every value the action needs, by name.' }}
      current={isObject(step.input) ? step.input : {}}
      fieldsIn={({ input }, current) => fieldsOfObject(input, { current })}
      send={(values) => props.tell('retry', { with: values.answer, ...values.comment })}
    >
      <p>
        What stands here replaces the step’s input, for this and later attempts. Other steps keep theirs.
        Where people signed for this step, they are asked first: until they sign it, the step waits.
      </p>
    </Question>
  );
}

const nothing: JsonObject = {};

export function CompleteQuestion(props: StepQuestionProps) {
  const { title } = props.step.outline;
  return (
    <Question
      {...props}
      title={`Complete “${title}” by hand?`}
      action="It is done"
      comment="Where and how it was done, for the record."
      json={{ label: 'What it gave, as JSON', hint: 'By name, as the step would have given it.' }}
      current={nothing}
      fieldsIn={({ output, sensitive }) => fieldsOfObject(output, { sensitive })}
      send={(values) => props.tell('complete', { output: values.answer, ...values.comment })}
    >
      <p>
        You say that it was done outside Countersign. Nothing is carried out; later steps use what you write
        here as what the step gave. Where people signed what depends on it, they are asked first.
      </p>
    </Question>
  );
}

interface QuestionProps extends StepQuestionProps {
  title: string;
  action: string;
  comment: string;
  json: { label: string; hint: string };
  current: JsonObject;
  fieldsIn: (form: StepForm, current: JsonObject) => Field[] | undefined;
  send: (values: { answer: JsonObject; comment: { comment?: string } }) => Promise<void>;
  children: ReactNode;
}

function Question(props: QuestionProps) {
  const { run, step, title, close } = props;
  const { data, error, loading, reload } = useLoaded<StepForm>(`${stepPath(run, step.key)}/form`);
  if (data) return <Asked {...props} form={data} />;
  return (
    <Dialog title={title} onClose={close}>
      {loading ? <Loading what="the form" /> : <Failed error={error} again={reload} />}
    </Dialog>
  );
}

function Asked({ form, current, fieldsIn, send, ...props }: QuestionProps & { form: StepForm }) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is typed stays while the page is brought up to date.
  const [fields, given] = useMemo(() => [fieldsIn(form, current), current] as const, []);
  const [typed, setTyped] = useState<FieldValues>({});
  const [json, setJson] = useState(() => JSON.stringify(given, null, 2));
  const [problems, setProblems] = useState<Record<string, string>>({});
  const answerOf = (): JsonObject => {
    if (!fields) return typedJson(json);
    const { values, problems: wrong } = valuesInstead(fields, typed, given);
    setProblems(wrong);
    const look = needsLook(fields, wrong);
    if (look) throw new Refused(look);
    return values;
  };
  const confirm = async (comment: string) => {
    try {
      await send({ answer: answerOf(), comment: comment ? { comment } : {} });
    } catch (error) {
      if (!fields || !(error instanceof ApiError && error.status === 422)) throw error;
      const { byField, rest } = fieldProblems(
        error.message,
        fields.map(({ name }) => name),
      );
      setProblems(byField);
      throw new Refused(rest || needsLook(fields, byField) || 'What stands below does not fit yet.');
    }
  };
  return (
    <Confirm
      title={props.title}
      action={props.action}
      comment={{ label: 'Comment', hint: props.comment }}
      onConfirm={confirm}
      onClose={props.close}
    >
      {props.children}
      {fields ? (
        <Fields
          fields={fields}
          typed={typed}
          problems={problems}
          onType={(name, value) => setTyped((before) => ({ ...before, [name]: value }))}
        />
      ) : (
        <JsonEditor {...props.json} text={json} onType={setJson} />
      )}
    </Confirm>
  );
}

function typedJson(json: string): JsonObject {
  const problem = problemIn(json);
  if (problem) throw new Refused(problem);
  return parsedObject(json);
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !('$sealed' in value);
}
