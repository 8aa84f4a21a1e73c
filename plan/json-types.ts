/** What JSON's types are called in messages, by their names in JSON Schema. */
export const jsonTypeWords: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  null: 'nothing',
  array: 'a list',
  object: 'a set of keys',
};
