// The Huffman code of header strings. RFC 7541 section 5.2 and appendix B. Pure.

/** How long the code of each byte is, and of the end: a = 5 bits to z = 30. The codes follow: shorter ones first, then by byte. */
const LENGTHS =
  "isxxxxxxxtzxxzxxxxxxxxzxxxxxxxxxbffhibdgffdgdbbbaaabbbbbbbcdkbhfibccccccccccccccccccccccdc" +
  "dioijbkabababbbaccbbbabcbaabccccckgjixprpprrrsrssssststtrstssssqrsrsstrqprrssqsrrtqrssqqrq" +
  "srssprrrsrrsvvporsruvvvwwvtuoqvwwvwtqqvvxwwwptpqrqqsrruuttvsvwvvwwwwwxwwwwwvz";

const BITS_MIN = 5;
const BITS_MAX = 30;
const END = 256;

type Row = { readonly first: number; readonly symbols: readonly number[] };

/** By length: the first code, and whom it and those after it stand for. */
const ROWS: readonly Row[] = rowsOf(LENGTHS);

function rowsOf(lengths: string): readonly Row[] {
  const rows: Row[] = [];
  let first = 0;
  for (let bits = 0; bits <= BITS_MAX; bits += 1) {
    const letter = String.fromCharCode("a".charCodeAt(0) + bits - BITS_MIN);
    const symbols = Array.from(lengths, (at, symbol) => (at === letter ? symbol : -1));
    const row = { first, symbols: symbols.filter((symbol) => symbol >= 0) };
    rows.push(row);
    first = (first + row.symbols.length) * 2;
  }
  return rows;
}

/** As latin1; undefined = it is no string of this code. */
export function decodeHuffman(bytes: Uint8Array): string | undefined {
  const decoded: number[] = [];
  let code = 0;
  let bits = 0;
  for (const byte of bytes) {
    for (let at = 7; at >= 0; at -= 1) {
      code = code * 2 + ((byte >> at) & 1);
      bits += 1;
      const row = ROWS[bits];
      if (row === undefined) return undefined;
      const symbol = row.symbols[code - row.first];
      if (symbol === undefined) continue;
      if (symbol === END) return undefined;
      decoded.push(symbol);
      code = 0;
      bits = 0;
    }
  }
  // The rest of the last byte is the beginning of the end's code, which is all ones.
  const isPadding = bits < 8 && code === 2 ** bits - 1;
  return isPadding ? Buffer.from(decoded).toString("latin1") : undefined;
}
