/** A dot of the picture. */
export interface Dot {
  readonly label: string;
  readonly requests: number;
  readonly delayMs: number;
  readonly ours: boolean;
}

/** A place in the picture. */
export type Place = Pick<Dot, 'requests' | 'delayMs'>;

interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

const width = 960;
const height = 520;
const frame: Box = { left: 64, top: 56, right: width - 24, bottom: height - 56 };
const requestTicks = [1, 2, 5, 10, 20, 50, 100, 200, 500];
const secondTicks = [0.5, 1, 2, 5, 10, 20, 50];
const letterWidth = 6.4;

const scale = (value: number, low: number, high: number, from: number, to: number) =>
  from + ((to - from) * Math.log(value / low)) / Math.log(high / low);
const x = (requests: number) => scale(requests, 10, 900, frame.left, frame.right);
const y = (delayMs: number) => scale(delayMs / 1_000, 0.4, 50, frame.bottom, frame.top);

/** Delay against requests, both on log scales, as an SVG that reads the same on light and dark pages. */
export function picture(dots: readonly Dot[], bound: readonly Place[]): string {
  const taken: Box[] = [...dots, ...bound].map(({ requests, delayMs }) => around(x(requests), y(delayMs), 5));
  const line = bound.map((point) => `${round(x(point.requests))},${round(y(point.delayMs))}`).join(' ');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12" fill="#24292f">`,
    `<title>Mean delay against mean number of requests, for this action and its peers</title>`,
    `<rect width="${width}" height="${height}" rx="8" fill="#ffffff"/>`,
    `<text x="${frame.left}" y="26" font-size="16" font-weight="600">How late the wait ends, and what it costs</text>`,
    `<text x="${frame.left}" y="44" fill="#57606a">Means over jobs of 2 s to 2 h; lower and further left is better; both scales are logarithmic</text>`,
    ...requestTicks
      .filter((tick) => x(tick) >= frame.left && x(tick) <= frame.right)
      .map(
        (tick) =>
          gridLine(x(tick), frame.top, x(tick), frame.bottom) +
          text(x(tick), frame.bottom + 18, 'middle', String(tick)),
      ),
    ...secondTicks
      .filter((tick) => y(tick * 1_000) >= frame.top && y(tick * 1_000) <= frame.bottom)
      .map(
        (tick) =>
          gridLine(frame.left, y(tick * 1_000), frame.right, y(tick * 1_000)) +
          text(frame.left - 8, y(tick * 1_000) + 4, 'end', `${tick} s`),
      ),
    text((frame.left + frame.right) / 2, height - 16, 'middle', 'requests'),
    `<polyline points="${line}" fill="none" stroke="#8c959f" stroke-width="1.5" stroke-dasharray="5 4"/>`,
    boundLabel(bound, taken),
    ...[...dots].sort((a, b) => Number(b.ours) - Number(a.ours)).map((dot) => dotWithLabel(dot, taken)),
    '</svg>',
    '',
  ].join('\n');
}

/** The name of the dashed line, left of and below its middle. */
function boundLabel(bound: readonly Place[], taken: Box[]): string {
  const point = bound[Math.floor(bound.length / 2)];
  if (point === undefined) return '';
  const label = 'the best that knows only how long jobs take';
  const [right, middle] = [x(point.requests) - 8, y(point.delayMs) + 12];
  taken.push(labelBox(right - label.length * letterWidth, middle, label.length * letterWidth));
  return text(right, middle + 4, 'end', label);
}

/** A dot and its name, at the first place beside it that is still free. */
function dotWithLabel(dot: Dot, taken: Box[]): string {
  const [cx, cy] = [x(dot.requests), y(dot.delayMs)];
  const long = dot.label.length * letterWidth;
  const rows = [0, -9, 9, -18, 18, -26, 26, -34, 34];
  const places = rows.flatMap((row) => [
    { left: cx + 9, row, anchor: 'start' },
    { left: cx - 9 - long, row, anchor: 'end' },
  ]);
  const free = places.find(({ left, row }) => isFree(labelBox(left, cy + row, long), taken)) ?? places[0];
  if (free === undefined) return '';
  taken.push(labelBox(free.left, cy + free.row, long));
  const color = dot.ours ? '#0969da' : '#57606a';
  const at = free.anchor === 'start' ? free.left : free.left + long;
  return (
    `<circle cx="${round(cx)}" cy="${round(cy)}" r="${dot.ours ? 6 : 4.5}" fill="${dot.ours ? '#0969da' : '#bc4c00'}"/>` +
    text(at, cy + free.row + 4, free.anchor, dot.label, color, dot.ours)
  );
}

const around = (cx: number, cy: number, reach: number): Box => ({
  left: cx - reach,
  top: cy - reach,
  right: cx + reach,
  bottom: cy + reach,
});

const labelBox = (left: number, middle: number, long: number): Box => ({
  left,
  top: middle - 8,
  right: left + long,
  bottom: middle + 8,
});

function isFree(box: Box, taken: readonly Box[]): boolean {
  return (
    box.left >= frame.left &&
    box.right <= width - 4 &&
    taken.every(
      (other) =>
        box.right < other.left || box.left > other.right || box.bottom < other.top || box.top > other.bottom,
    )
  );
}

const gridLine = (x1: number, y1: number, x2: number, y2: number) =>
  `<path d="M${round(x1)} ${round(y1)}L${round(x2)} ${round(y2)}" stroke="#d8dee4"/>`;

function text(
  left: number,
  base: number,
  anchor: string,
  words: string,
  fill = '#57606a',
  bold = false,
): string {
  const weight = bold ? ' font-weight="600"' : '';
  const safe = words.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text x="${round(left)}" y="${round(base)}" text-anchor="${anchor}" fill="${fill}"${weight}>${safe}</text>`;
}

const round = (value: number) => Math.round(value * 10) / 10;
