// Statements and braces as they come -> a tree of statements. As in keepalived its keywords say what is a block: behind any other a
// brace opens nothing.

import { type Blocks, needsBrace, ROOT_BLOCKS, SERVER_BLOCKS } from "./blocks.ts";
import { type Split, wordsOf } from "./words.ts";

export type Statement = {
  /** The keyword and what stands behind it, without quotes and escapes. */
  readonly words: readonly string[];
  /** The words that stood in quotes, wholly or in part. */
  readonly quoted: ReadonlySet<number>;
  /** The same as it was written. */
  readonly text: string;
  /** A key of Parsed.places. */
  readonly line: number;
  /** What stood between its braces; null = it had none. */
  readonly block: readonly Statement[] | null;
  readonly hasBlock: boolean;
  /** The block as text, with the place of each line beside its own: two that have the same come to the same lines. */
  readonly blockText: string;
};

export type Remark = { readonly line: number; readonly message: string };

export type Tree = {
  /** A statement's text, or a brace. */
  readonly take: (text: string, line: number) => void;
  readonly statements: () => readonly Statement[];
  /** How many blocks are open. */
  readonly depth: () => number;
  /** Whether the innermost block is a real server's, and nothing stands in it yet. */
  readonly isServerBegun: () => boolean;
  /** Of the block that ended last. */
  readonly sample: () => Sample | null;
  /** The innermost block says what this one says, and ends. */
  readonly closeLike: (sample: Sample) => void;
};

/** A block that others are written like. */
export type Sample = { readonly of: Written; readonly text: string };

/** Words are made when somebody asks for them: what is kept of every line of a great file costs more than to split it again. */
class Written implements Statement {
  readonly text: string;
  readonly line: number;
  inside: Written[] | null = null;
  like: Sample | null = null;

  constructor(text: string, line: number) {
    this.text = text;
    this.line = line;
  }

  /** Of one that is like another, hardly anybody asks for it. */
  get block(): Written[] | null {
    if (this.like !== null) this.inside ??= moved(this.like.of, this.line);
    return this.inside;
  }

  get hasBlock(): boolean {
    return this.like !== null || this.inside !== null;
  }

  get blockText(): string {
    return this.like?.text ?? textOf(this.inside, this.line);
  }

  get words(): readonly string[] {
    return this.#split().words;
  }

  get quoted(): ReadonlySet<number> {
    return this.#split().quoted;
  }

  /** One statement is asked for its words several times in a row, so the last answer is kept. */
  #split(): Split {
    if (lastSplit.of !== this) lastSplit = { of: this, split: wordsOf(this.text) };
    return lastSplit.split;
  }
}

function textOf(block: readonly Written[] | null, from: number): string {
  let text = "";
  for (const { line, text: own, block: inside } of block ?? []) {
    text += `${line - from} ${own}\n`;
    if (inside !== null) text += `{\n${textOf(inside, from)}}\n`;
  }
  return text;
}

/** What stands in a block, as if that began at another line. */
function moved({ inside, line: from }: Written, to: number): Written[] | null {
  const lines = inside?.map((one) => {
    const copy = new Written(one.text, one.line - from + to);
    copy.inside = moved(one, copy.line);
    return copy;
  });
  return lines ?? null;
}

let lastSplit: { readonly of: Written | null; readonly split: Split } = {
  of: null,
  split: wordsOf(""),
};

type Level = {
  readonly owner: Written;
  /** Which may stand in it; null = nobody knows it, so any may. */
  readonly blocks: Blocks | null;
};

export function openTree(remarks: Remark[]): Tree {
  const levels = openLevels();
  /** What a "{" would open; null = nothing stands before it. */
  let before: Written | null = null;

  const remark = (line: number, message: string): void => void remarks.push({ line, message });

  const takeBrace = (line: number): void => {
    const owner = before;
    before = null;
    if (owner === null) {
      remark(line, 'Unexpected "{": no keyword stands before it');
      return;
    }
    const keyword = firstWord(owner.text);
    const blocks = levels.blocks();
    const inside = blocks?.get(keyword);
    if (inside !== undefined) levels.enter(owner, inside);
    else if (blocks === null || levels.depth() === 0) levels.enter(owner, null);
    else remark(line, unexpected(keyword, levels.owner()));
  };

  /** keepalived reports it and reads on as if it stood there. */
  const addMissingBrace = (): void => {
    if (before === null) return;
    const keyword = firstWord(before.text);
    const inside = levels.blocks()?.get(keyword);
    if (inside === undefined || !needsBrace(keyword)) return;
    remark(before.line, missing(before));
    levels.enter(before, inside);
  };

  const take = (text: string, line: number): void => {
    if (text === "{") {
      takeBrace(line);
      return;
    }
    addMissingBrace();
    before = null;
    if (text === "}") {
      if (levels.leave() === null) remark(line, 'Extra "}": nothing is open');
      return;
    }
    // Of what nobody knows no end is sure, but where the next block begins.
    if (levels.blocks() === null && ROOT_BLOCKS.has(firstWord(text))) while (levels.leave());
    const isOpen = /["']/.test(text) && wordsOf(text).isOpen;
    if (isOpen) remark(line, `Unterminated quote in "${text}"`);
    before = new Written(text, line);
    levels.inner().push(before);
  };

  const statements = (): readonly Statement[] => {
    for (const owner of levels.owners()) {
      remark(owner.line, `"${owner.text}" is never closed: a "}" is missing`);
    }
    return levels.root;
  };

  const { depth, isServerBegun, sample, closeLike } = levels;
  return { take, statements, depth, isServerBegun, sample, closeLike };
}

type Levels = Pick<Tree, "depth" | "isServerBegun" | "sample" | "closeLike"> & {
  readonly root: readonly Written[];
  readonly enter: (owner: Written, blocks: Blocks | null) => void;
  /** Whose block has ended; null = none was open. */
  readonly leave: () => Written | null;
  /** Of the innermost block: what stands in it, the blocks that may, and who has it. */
  readonly inner: () => Written[];
  readonly blocks: () => Blocks | null;
  readonly owner: () => Written | undefined;
  readonly owners: () => readonly Written[];
};

/** The blocks that are open, one in the other. */
function openLevels(): Levels {
  const root: Written[] = [];
  const open: Level[] = [];
  let inner = root;
  let blocks: Blocks | null = ROOT_BLOCKS;
  let left: Written | null = null;

  const owner = (): Written | undefined => open.at(-1)?.owner;

  const leave = (): Written | null => {
    left = open.pop()?.owner ?? null;
    // An array that grows has room for 17: a copy has room for what is in it.
    if (left !== null) left.inside = inner.slice();
    const around = open.at(-1);
    inner = around?.owner.inside ?? root;
    blocks = around === undefined ? ROOT_BLOCKS : around.blocks;
    return left;
  };

  return {
    root,
    enter: (one, inside) => {
      inner = [];
      one.inside = inner;
      open.push({ owner: one, blocks: inside });
      blocks = inside;
    },
    leave,
    inner: () => inner,
    blocks: () => blocks,
    owner,
    owners: () => open.map((level) => level.owner),
    depth: () => open.length,
    isServerBegun: () => blocks === SERVER_BLOCKS && inner.length === 0,
    sample: () => left && { of: left, text: left.blockText },
    closeLike: (sample) => {
      const closed = leave();
      if (closed === null) return;
      closed.inside = null;
      closed.like = sample;
    },
  };
}

function unexpected(keyword: string, around: Written | undefined): string {
  const where = around?.words.slice(0, 3).join(" ") ?? "";
  return `Unexpected "{" behind ${keyword}: ${where} has no such block, so what stands in it is taken as lines of ${where}, and its "}" as the end of that`;
}

function missing({ text }: Written): string {
  return `"${text}": a "{" is missing behind it, and what follows is taken as if it stood there`;
}

function firstWord(text: string): string {
  const end = text.search(/[ \t-\r]/);
  return end === -1 ? text : text.slice(0, end);
}
