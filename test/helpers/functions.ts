// How long the functions of the sources are, as the compiler sees them: declarations, methods and arrow functions, each with
// what is defined within it.

import { join, relative } from "node:path";
import {
  isArrowFunction,
  isConstructorDeclaration,
  isFunctionDeclaration,
  isFunctionExpression,
  isMethodDeclaration,
  isPropertyAssignment,
  isVariableDeclaration,
  type Node,
  type SourceFile,
} from "typescript/unstable/ast";
import { API } from "typescript/unstable/sync";

export type FunctionLength = {
  readonly file: string;
  /** With the names of those around it: "openServer close". */
  readonly name: string;
  readonly lines: number;
};

export function functionsOf(folder: string): readonly FunctionLength[] {
  const api = new API({ cwd: process.cwd() });
  try {
    const snapshot = api.updateSnapshot({ openProject: join(process.cwd(), "tsconfig.json") });
    return snapshot.getProjects().flatMap(({ program }) =>
      program.getSourceFileNames().flatMap((path) => {
        const file = relative(".", path);
        const source = file.startsWith(`${folder}/`) ? program.getSourceFile(path) : undefined;
        return source === undefined ? [] : functionsWithin(source, file);
      }),
    );
  } finally {
    api.close();
  }
}

function functionsWithin(source: SourceFile, file: string): readonly FunctionLength[] {
  const found: FunctionLength[] = [];
  const lineOf = (at: number): number => source.getLineAndCharacterOfPosition(at).line;
  function visit(node: Node, around: string, given: string): void {
    const isNamed = isVariableDeclaration(node) || isPropertyAssignment(node);
    let [name, own] = [around, isNamed ? node.name.getText(source) : given];
    if (isFunction(node)) {
      const called = "name" in node ? node.name?.getText(source) : undefined;
      name = [around, called ?? (own || "=>")].filter((word) => word !== "").join(" ");
      own = "";
      found.push({ file, name, lines: lineOf(node.end) - lineOf(node.getStart(source)) + 1 });
    }
    node.forEachChild((child) => visit(child, name, own));
  }
  visit(source, "", "");
  return found;
}

function isFunction(node: Node) {
  return (
    isFunctionDeclaration(node) ||
    isFunctionExpression(node) ||
    isArrowFunction(node) ||
    isMethodDeclaration(node) ||
    isConstructorDeclaration(node)
  );
}
