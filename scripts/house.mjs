/**
 * `npm run -s house`: the house in figures. What each kind of addition touches, the longest function, the most parameters,
 * import circles and silent defaults. Ends with 1 when a limit does not hold.
 */
import { additions, filesOf, mistakesWith } from './house/examples.mjs';
import { circles, functionsOf, silentDefaultsOf } from './house/shape.mjs';
import { parsed, sourceFiles } from './house/sources.mjs';
import { root } from './root.mjs';

const files = sourceFiles(root).map((file) => parsed(root, file));
const functions = files.flatMap(functionsOf);
const longest = functions.reduce((a, b) => (b.lines > a.lines ? b : a));
const most = functions.reduce((a, b) => (b.parameters > a.parameters ? b : a));
const named = ({ name, at }) => `${name} (${at})`;
const rows = [
  ...additions.map(({ name, folder, most: limit }) => {
    const touched = filesOf(root, folder);
    return { what: `files touched by ${name}`, value: touched.length, limit, which: touched };
  }),
  row('mistakes with all of these added', mistakesWith(root), 0),
  { what: 'lines of the longest function', value: longest.lines, limit: 80, which: [named(longest)] },
  { what: 'most positional parameters', value: most.parameters, limit: 5, which: [named(most)] },
  row('import circles by value', circles(files, false).map(circleText), 0),
  row('import circles, types among them', circles(files, true).map(circleText), 0),
  row(
    'silent defaults',
    files.flatMap(silentDefaultsOf).map(({ at }) => at),
    0,
  ),
];

for (const { what, value, limit, which } of rows) {
  const holds = value <= limit;
  console.log(`${holds ? '  ' : '! '}${what.padEnd(36)} ${String(value).padStart(4)}  (at most ${limit})`);
  for (const each of which) console.log(`      ${each}`);
  if (!holds) process.exitCode = 1;
}

function row(what, which, limit) {
  return { what, value: which.length, limit, which };
}

function circleText(circle) {
  return circle.join(', ');
}
