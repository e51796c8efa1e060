/** A dot of the picture. */
export interface Dot {
  readonly label: string;
  readonly requests: number;
  readonly delayMs: number;
  readonly ours: boolean;
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

const width = 960;
const height = 520;
const frame: Box = { left: 64, top: 56, right: width - 24, bottom: height - 56 };
const requestTicks = [10, 20, 50, 100, 200, 500];
const secondTicks = [0.5, 1, 2, 5, 10, 20, 50];
const letterWidth = 6.4;

const scale = (value: number, low: number, high: number, from: number, to: number) =>
  from + ((to - from) * Math.log(value / low)) / Math.log(high / low);
const x = (requests: number) => scale(requests, 10, 900, frame.left, frame.right);
const y = (seconds: number) => scale(seconds, 0.4, 60, frame.bottom, frame.top);

/** Draws delay against requests, both on log scales, as an SVG that reads the same on light and dark pages. */
export function picture(dots: readonly Dot[]): string {
  const taken: Box[] = dots.map((dot) => boxAround(x(dot.requests), y(dot.delayMs / 1_000)));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12" fill="#24292f">`,
    '<title>Mean delay and mean number of requests, of this action and others</title>',
    `<rect width="${width}" height="${height}" rx="8" fill="#ffffff"/>`,
    `<text x="${frame.left}" y="26" font-size="16" font-weight="600">How late a wait ends, and how many requests it takes</text>`,
    text(
      frame.left,
      44,
      'start',
      'Means over jobs of 2 s to 2 h. Lower and further left is better. Both scales are logarithmic.',
    ),
    ...requestTicks.map((tick) => {
      const at = round(x(tick));
      return line(at, frame.top, at, frame.bottom) + text(at, frame.bottom + 18, 'middle', String(tick));
    }),
    ...secondTicks.map((tick) => {
      const at = round(y(tick));
      return line(frame.left, at, frame.right, at) + text(frame.left - 8, at + 4, 'end', `${tick} s`);
    }),
    text((frame.left + frame.right) / 2, height - 16, 'middle', 'requests'),
    ...dots.map((dot) => dotWithLabel(dot, taken)),
    '</svg>',
    '',
  ].join('\n');
}

/** Draws a dot, and its label at the first free place beside it. */
function dotWithLabel(dot: Dot, taken: Box[]): string {
  const [cx, cy] = [x(dot.requests), y(dot.delayMs / 1_000)];
  const length = dot.label.length * letterWidth;
  const places = [0, -9, 9, -18, 18, -26, 26, -34, 34].flatMap((offset) => [
    { box: labelBox(cx + 9, cy + offset, length), anchor: 'start' },
    { box: labelBox(cx - 9 - length, cy + offset, length), anchor: 'end' },
  ]);
  const place = places.find(({ box }) => isFree(box, taken)) ?? places[0];
  if (place === undefined) return '';
  const { box, anchor } = place;
  taken.push(box);
  const [radius, dotColor, color] = dot.ours ? [6, '#0969da', '#0969da'] : [4.5, '#bc4c00', '#57606a'];
  return (
    `<circle cx="${round(cx)}" cy="${round(cy)}" r="${radius}" fill="${dotColor}"/>` +
    text(anchor === 'start' ? box.left : box.right, box.top + 12, anchor, dot.label, color)
  );
}

const boxAround = (cx: number, cy: number): Box => ({
  left: cx - 5,
  top: cy - 5,
  right: cx + 5,
  bottom: cy + 5,
});

const labelBox = (left: number, middle: number, length: number): Box => ({
  left,
  top: middle - 8,
  right: left + length,
  bottom: middle + 8,
});

const isFree = (box: Box, taken: readonly Box[]) =>
  box.left >= frame.left &&
  box.right <= width - 4 &&
  taken.every(
    (other) => box.right < other.left || box.left > other.right || box.bottom < other.top || box.top > other.bottom,
  );

const line = (x1: number, y1: number, x2: number, y2: number) =>
  `<path d="M${x1} ${y1}L${x2} ${y2}" stroke="#d8dee4"/>`;

function text(left: number, base: number, anchor: string, words: string, fill = '#57606a'): string {
  const safe = words.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text x="${round(left)}" y="${round(base)}" text-anchor="${anchor}" fill="${fill}">${safe}</text>`;
}

const round = (value: number) => Math.round(value * 10) / 10;
