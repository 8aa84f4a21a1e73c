/** An .ics file as its components. One file may hold several calendars (RFC 5545 3.4), each with time zones of its own. */
import { excerpt } from '../plan/excerpt.ts';
import {
  type ContentLine,
  contentLines,
  type FileProblem,
  isProblem,
  type Property,
  propertyOf,
} from './icalendar-lines.ts';

export interface Component {
  /** In lower case: `vevent`, `daylight`. */
  name: string;
  line: number;
  properties: Property[];
  inner: Component[];
}

/** What times depend on. The rest of a file, such as descriptions, is not looked at. */
const wanted = new Set([
  ...['uid', 'summary', 'status', 'sequence', 'dtstamp', 'method', 'recurrence-id'],
  ...['dtstart', 'dtend', 'duration', 'rrule', 'exrule', 'rdate', 'exdate'],
  ...['tzid', 'tzoffsetfrom', 'tzoffsetto'],
]);

const longestFile = 20_000_000;
const deepest = 10;

/** The calendars of a file, and all that is wrong in its form. */
export function readCalendarFile(text: string): { calendars: Component[]; problems: FileProblem[] } {
  if (text.length > longestFile)
    return { calendars: [], problems: [{ line: 1, what: 'it is longer than 20 MB' }] };
  const problems: FileProblem[] = [];
  const root: Component = { name: '', line: 1, properties: [], inner: [] };
  const open = [root];
  for (const each of contentLines(text)) {
    const problem =
      each.name === 'begin' || each.name === 'end' || open.length === 1
        ? openOrClose(each, open)
        : addProperty(each, open.at(-1));
    if (!problem) continue;
    problems.push(problem.found);
    if (problem.inForm) return { calendars: [], problems };
  }
  const [, unclosed] = open;
  if (unclosed) {
    const what = `its ${unclosed.name.toUpperCase()} has no end: the file is cut`;
    return { calendars: [], problems: [{ line: unclosed.line, what }] };
  }
  const calendars = root.inner.filter(({ name }) => name === 'vcalendar');
  if (calendars.length === 0 && problems.length === 0)
    problems.push({ line: 1, what: 'it is no calendar: it does not begin with BEGIN:VCALENDAR' });
  return { calendars, problems };
}

export function propertiesOf(component: Component, name: string): Property[] {
  return component.properties.filter((each) => each.name === name);
}

export function firstProperty(component: Component, name: string): Property | undefined {
  return component.properties.find((each) => each.name === name);
}

interface LineProblem {
  found: FileProblem;
  /** Nothing after it can be trusted. */
  inForm: boolean;
}

function openOrClose({ line, name, text }: ContentLine, open: Component[]): LineProblem | undefined {
  const innermost = open.at(-1);
  const wrong = (what: string) => ({ found: { line, what }, inForm: true });
  if (name === 'begin') {
    if (open.length > deepest) return wrong('its parts are nested too deeply');
    const component = { name: partName(text), line, properties: [], inner: [] };
    innermost?.inner.push(component);
    open.push(component);
    return undefined;
  }
  if (name !== 'end') return wrong(`it is no calendar: "${excerpt(text)}" stands outside of BEGIN:VCALENDAR`);
  if (open.length > 1 && partName(text) === innermost?.name) {
    open.pop();
    return undefined;
  }
  const begun =
    open.length > 1 && innermost ? `: ${innermost.name.toUpperCase()} of line ${innermost.line} is open` : '';
  return wrong(`"${excerpt(text)}" ends what was not begun${begun}`);
}

function addProperty(content: ContentLine, component: Component | undefined): LineProblem | undefined {
  if (!wanted.has(content.name)) return undefined;
  const property = propertyOf(content);
  if (isProblem(property)) return { found: property, inForm: false };
  component?.properties.push(property);
  return undefined;
}

function partName(text: string): string {
  return text
    .slice(text.indexOf(':') + 1)
    .trim()
    .toLowerCase();
}
