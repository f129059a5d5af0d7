import ts from 'typescript';

const TIMERS = ['setTimeout', 'setInterval', 'setImmediate'];
const CRYPTO = ['randomUUID', 'randomBytes', 'randomInt', 'getRandomValues'];
const MEMBERS = new Map([
  ['Date', ['now']],
  ['performance', ['now', 'timeOrigin']],
  ['process', ['hrtime']],
  ['Math', ['random']],
  ['crypto', CRYPTO],
  ['globalThis', TIMERS],
]);
const TIMER_MODULES = ['timers', 'timers/promises'];

/**
 * Where TypeScript source reads a clock, sets a timer or rolls dice by itself, as `line: what`. Only the globals and
 * node's modules count: `clock.setTimeout()` is what we want to see.
 */
export function timeAndChanceUses(fileName: string, text: string): string[] {
  const file = ts.createSourceFile(fileName, text, ts.ScriptTarget.Latest, true);
  // Grows by what a file calls a whole module: `import * as secrets from 'node:crypto'`.
  const members = new Map(MEMBERS);
  const found: string[] = [];

  function report(node: ts.Node, what: string): void {
    found.push(`${file.getLineAndCharacterOfPosition(node.getStart()).line + 1}: ${what}`);
  }

  function reportMember(node: ts.Node, object: ts.Expression, member: string): void {
    const name = globalName(object);
    if (name !== undefined && members.get(name)?.includes(member)) {
      report(node, name === 'globalThis' ? member : `${name}.${member}`);
    }
  }

  function visit(node: ts.Node): void {
    if (ts.isTypeQueryNode(node)) return; // `ReturnType<typeof setTimeout>` does nothing
    if (ts.isImportDeclaration(node)) visitImport(node);
    else if (ts.isNewExpression(node) || ts.isCallExpression(node)) visitCall(node);
    else if (ts.isPropertyAccessExpression(node)) reportMember(node, node.expression, node.name.text);
    else if (ts.isElementAccessExpression(node)) reportMember(node, node.expression, textOf(node.argumentExpression));
    else if (ts.isVariableDeclaration(node)) visitVariable(node);
    else if (ts.isIdentifier(node) && TIMERS.includes(node.text) && !isNameOfOther(node)) report(node, node.text);
    ts.forEachChild(node, visit);
  }

  function visitImport({ moduleSpecifier, importClause }: ts.ImportDeclaration): void {
    const module = moduleOf(moduleSpecifier);
    if (TIMER_MODULES.includes(module)) report(moduleSpecifier, module);
    const forbidden = MEMBERS.get(module);
    const bindings = importClause?.namedBindings;
    if (forbidden === undefined) return;
    if (importClause?.name !== undefined) members.set(importClause.name.text, forbidden);
    if (bindings === undefined) return;
    if (ts.isNamespaceImport(bindings)) {
      members.set(bindings.name.text, forbidden);
      return;
    }
    for (const { name, propertyName } of bindings.elements) {
      const imported = (propertyName ?? name).text;
      if (forbidden.includes(imported)) report(name, `${module}.${imported}`);
    }
  }

  function visitCall(node: ts.NewExpression | ts.CallExpression): void {
    const [argument] = node.arguments ?? [];
    const isNow = ts.isCallExpression(node) || argument === undefined;
    if (isNow && globalName(node.expression) === 'Date') report(node, 'the current Date');
    if (node.expression.kind === ts.SyntaxKind.ImportKeyword && argument !== undefined) {
      const module = moduleOf(argument);
      if (TIMER_MODULES.includes(module)) report(node, module);
    }
  }

  /** `const { now } = Date`. */
  function visitVariable({ name: pattern, initializer }: ts.VariableDeclaration): void {
    if (initializer === undefined || !ts.isObjectBindingPattern(pattern)) return;
    for (const { name, propertyName } of pattern.elements)
      reportMember(name, initializer, textOf(propertyName ?? name));
  }

  visit(file);
  return found;
}

/** `x` for `x` and for `globalThis.x`. */
function globalName(node: ts.Expression): string | undefined {
  if (ts.isIdentifier(node)) return node.text;
  const isOfGlobal = ts.isPropertyAccessExpression(node) && globalName(node.expression) === 'globalThis';
  return isOfGlobal ? node.name.text : undefined;
}

function moduleOf(specifier: ts.Expression): string {
  return textOf(specifier).replace(/^node:/, '');
}

function textOf(node: ts.Node): string {
  return ts.isStringLiteralLike(node) || ts.isIdentifier(node) ? node.text : '';
}

/** Whether the identifier only names something of another's: `clock.setTimeout`, `{ setTimeout: … }`, a method. */
function isNameOfOther(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isImportSpecifier(parent) || ts.isBindingElement(parent)) return true;
  const isMember =
    ts.isPropertyAccessExpression(parent) ||
    ts.isPropertyAssignment(parent) ||
    ts.isMethodDeclaration(parent) ||
    ts.isMethodSignature(parent) ||
    ts.isPropertyDeclaration(parent) ||
    ts.isPropertySignature(parent);
  return isMember && parent.name === node;
}
