/** States of each table as an instance has them, and where a normal change can go. */

export interface Choice {
  value: string;
  label: string;
}

const list = (...pairs: [value: string, label: string][]): Choice[] =>
  pairs.map(([value, label]) => ({ value, label }));

/** A table without a list of its own has that of `task`, from which it is made. */
const choices: Record<string, Choice[]> = {
  task: list(
    ['-5', 'Pending'],
    ['1', 'Open'],
    ['2', 'Work in Progress'],
    ['3', 'Closed Complete'],
    ['4', 'Closed Incomplete'],
    ['7', 'Closed Skipped'],
  ),
  change_request: list(
    ['-5', 'New'],
    ['-4', 'Assess'],
    ['-3', 'Authorize'],
    ['-2', 'Scheduled'],
    ['-1', 'Implement'],
    ['0', 'Review'],
    ['3', 'Closed'],
    ['4', 'Canceled'],
  ),
  incident: list(
    ['1', 'New'],
    ['2', 'In Progress'],
    ['3', 'On Hold'],
    ['6', 'Resolved'],
    ['7', 'Closed'],
    ['8', 'Canceled'],
  ),
};

/** The default model of a normal change. */
const changeModel: Record<string, string[]> = {
  '-5': ['-4', '4'],
  '-4': ['-5', '-3', '4'],
  '-3': ['-5', '-2', '4'],
  '-2': ['-5', '-1', '4'],
  '-1': ['0', '4'],
  '0': ['-1', '3'],
  '3': [],
  '4': [],
};

export function ownChoices(table: string): Choice[] {
  return choices[table] ?? [];
}

export function statesOf(table: string): Choice[] {
  return choices[table] ?? choices.task ?? [];
}

export function labelOf(table: string, value: string): string {
  return statesOf(table).find((choice) => choice.value === value)?.label ?? value;
}

export function nextOf(state: string): string[] {
  return changeModel[state] ?? [];
}

const closedStates: Record<string, string[]> = { change_request: ['3'], incident: ['6', '7'] };

/** What a data policy asks for before a ticket may be in this state. */
export function neededIn(table: string, state: string): string[] {
  return closedStates[table]?.includes(state) ? ['close_code', 'close_notes'] : [];
}
