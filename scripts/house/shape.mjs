/** The shape of the code: functions too long, parameters too many, import circles, switches with a silent default. */
import { walk } from './sources.mjs';

/** Every function with its length in lines and its positional parameters. */
export function functionsOf({ file, program }) {
  const found = [];
  walk(program, (node, parent) => {
    if (
      !/^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression|ObjectMethod|ClassMethod|ClassPrivateMethod)$/.test(
        node.type,
      )
    )
      return;
    const { start, end } = node.loc;
    found.push({
      name: nameOf(node, parent),
      at: `${file}:${start.line}`,
      lines: end.line - start.line + 1,
      parameters: node.params.length,
    });
  });
  return found;
}

function nameOf(node, parent) {
  const key = node.id ?? node.key ?? (parent?.type === 'VariableDeclarator' ? parent.id : parent?.key);
  return key?.name ?? key?.value ?? '(a function)';
}

/** Switches whose `default` hides a case that is added later: of a step's or an entry's `kind`, without `never`. */
export function silentDefaultsOf({ file, program }) {
  const found = [];
  walk(program, (node) => {
    if (node.type !== 'SwitchStatement' || !isKind(node.discriminant)) return;
    const silent = node.cases.find((each) => each.test === null);
    if (silent) found.push({ at: `${file}:${silent.loc.start.line}`, on: nameIn(node.discriminant) });
  });
  return found;
}

function isKind(node) {
  return nameIn(node) === 'kind';
}
function nameIn(node) {
  return node.type === 'MemberExpression' ? node.property.name : node.name;
}

/** Groups of files that import each other in a circle. */
export function circles(files, withTypes) {
  const graph = new Map(
    files.map(({ file, imports }) => [
      file,
      [...new Set(imports.filter(({ type }) => withTypes || !type).map(({ target }) => target))],
    ]),
  );
  const index = new Map();
  const low = new Map();
  const stack = [];
  const found = [];
  const visit = (file) => {
    index.set(file, index.size);
    low.set(file, index.get(file));
    stack.push(file);
    for (const target of graph.get(file) ?? []) {
      if (!graph.has(target)) continue;
      if (!index.has(target)) visit(target);
      if (stack.includes(target)) low.set(file, Math.min(low.get(file), low.get(target)));
    }
    if (low.get(file) !== index.get(file)) return;
    const group = stack.splice(stack.indexOf(file));
    if (group.length > 1) found.push(group.sort());
  };
  for (const file of graph.keys()) if (!index.has(file)) visit(file);
  return found;
}
