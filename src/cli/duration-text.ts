// Times for people: the two largest units.

const UNITS: readonly (readonly [string, number])[] = [
  ["d", 86_400],
  ["h", 3600],
  ["m", 60],
  ["s", 1],
];

/** "3d 4h", "2m 5s", "0s"; a negative time (a clock was set back) is "0s". */
export function durationText(ms: number): string {
  let restS = Math.max(0, Math.floor(ms / 1000));
  const texts: string[] = [];
  for (const [name, lengthS] of UNITS) {
    const count = Math.floor(restS / lengthS);
    restS -= count * lengthS;
    if (count > 0 || texts.length > 0) texts.push(`${count}${name}`);
  }
  return texts.length === 0 ? "0s" : texts.slice(0, 2).join(" ");
}
