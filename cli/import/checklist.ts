/** A draft from a checklist in Markdown: each item becomes a task for a person, with the action that may do it one day. */
import { lexer, type Token, type Tokens } from 'marked';
import type { ActionDescription } from '../../plan/catalogue.ts';
import { byHand, type Draft, type DraftStep, titleOf } from './draft.ts';

interface Item {
  text: string;
  /** What stands below it, a line each. */
  details: string[];
}

interface Section {
  title: string;
  items: Item[];
}

/** The checklist as a draft; undefined where there is no list in it. */
export function draftOfChecklist(
  text: string,
  actions: readonly ActionDescription[],
  file: string,
): Draft | undefined {
  const { title, description, sections } = read(lexer(text));
  const filled = sections.filter(({ items }) => items.length > 0);
  if (filled.length === 0) return undefined;
  const steps = filled.flatMap((section) => stepsOf(section, actions, filled.length > 1));
  const items = filled.flatMap(({ items: each }) => each);
  return {
    title: title || titleOf(file.replace(/\.[^.]*$/, '').replace(/[-_]+/g, ' ')) || 'Checklist',
    kind: 'other',
    description: description ?? `As the checklist ${file} has it.`,
    origin: `Drafted from the checklist ${file}.`,
    inputs: {},
    steps,
    todos: [
      'Who operates its runs is `owner`; what starts it is `on`: a ticket, a schedule, or somebody by hand.',
      'Say under `inputs` what must be known when it starts, and name it in the steps.',
    ],
    summary: `${items.length} items, each a task for a person; where an action may do it instead, that stands beside it.`,
  };
}

function read(tokens: readonly Token[]): { title?: string; description?: string; sections: Section[] } {
  let title: string | undefined;
  let description: string | undefined;
  const sections: Section[] = [{ title: '', items: [] }];
  for (const token of tokens) {
    if (token.type === 'heading') {
      const { depth, tokens: inline = [] } = token as Tokens.Heading;
      if (depth === 1 && title === undefined) title = plainText(inline);
      else sections.push({ title: plainText(inline), items: [] });
    } else if (token.type === 'list') {
      const items = (token as Tokens.List).items.map(itemOf);
      sections.at(-1)?.items.push(...items.filter(({ text }) => text !== ''));
    } else if (token.type === 'paragraph' && title !== undefined && sections.length === 1) {
      description ??= plainText((token as Tokens.Paragraph).tokens);
    }
  }
  return { ...(title ? { title } : {}), ...(description ? { description } : {}), sections };
}

function itemOf(item: Tokens.ListItem): Item {
  const inner = item.tokens.filter(({ type }) => type === 'list') as Tokens.List[];
  const own = item.tokens.filter(({ type }) => type !== 'list');
  const [text = '', ...more] = own.map((token) => plainText([token])).filter((part) => part !== '');
  return { text, details: [...more, ...inner.flatMap((list) => detailsOf(list, 0))] };
}

function detailsOf(list: Tokens.List, depth: number): string[] {
  return list.items
    .map(itemOf)
    .flatMap(({ text, details }) => [
      `${'  '.repeat(depth)}- ${text}`,
      ...details.map((detail) => `${'  '.repeat(depth + 1)}${detail}`),
    ]);
}

/** What a person reads: without the marks of emphasis, links and code. */
function plainText(tokens: readonly Token[]): string {
  return tokens
    .map((token) => {
      if (token.type === 'br') return ' ';
      if (token.type === 'link') {
        const { tokens: inner, href } = token as Tokens.Link;
        const text = plainText(inner);
        return text === href ? text : `${text} (${href})`;
      }
      if (token.type === 'html' || token.type === 'checkbox') return '';
      if ('tokens' in token && token.tokens) return plainText(token.tokens);
      return 'text' in token ? String(token.text) : '';
    })
    .join('')
    .replace(/^\[[ xX]\]\s+/, '')
    .trim();
}

function stepsOf(
  { title, items }: Section,
  actions: readonly ActionDescription[],
  grouped: boolean,
): DraftStep[] {
  const steps = items.map(({ text, details }) =>
    byHand(titleOf(text), [text, ...details].join('\n'), suggestion(text, actions)),
  );
  if (!grouped || title === '') return steps;
  return [{ title, content: {}, steps }];
}

const noise = new Set(
  'a an and are as at be by for from has have in is it its new of on or that the their them to up with all'.split(
    ' ',
  ),
);

function wordsOf(text: string): Set<string> {
  const words = text.toLowerCase().match(/[a-z]{2,}/g) ?? [];
  return new Set(words.filter((word) => !noise.has(word)).map(stem));
}

/** "disables", "disabled" and "disable" are one word, "licenses" and "licences" too. */
function stem(word: string): string {
  return word.replace(/licens/g, 'licenc').replace(/(ing|ed|es|s|e)$/, '');
}

/** An action whose title shares enough words with the item. A hint: an item can mean what no word of it says. */
function suggestion(text: string, actions: readonly ActionDescription[]): string | undefined {
  const words = wordsOf(text);
  let best: { name: string; title: string; score: number } | undefined;
  for (const { name, title } of actions) {
    const own = [...wordsOf(title)];
    const score = own.filter((word) => words.has(word)).length / own.length;
    if (score > (best?.score ?? 0.6)) best = { name, title, score };
  }
  return best && `Perhaps \`uses: ${best.name}\` (${best.title}).`;
}
