// New text of a ten-line function to callable, in one Node process. Prints one JSON line for each way.
// usage: node node.js [EDITS]

const vm = require("node:vm");

// In parentheses V8 compiles the function at once; without them it only pre-parses the body, and
// compiles at the first call, which is not timed.
const text = (i) => `function steer(x, y, speed, limit) {
  const dx = 320.0 - x;
  const dy = 240.0 - y;
  const d2 = dx * dx + dy * dy + ${i}.5;
  let pull = speed / d2;
  if (pull > limit) {
    pull = limit;
  }
  return x + dx * pull + y + dy * pull;
}`;
const whole = (i) => `(${text(i)})`;

const warmup = 500, edits = Number(process.argv[2] ?? 5000);
let steer, next = 1;

function measure(name, note, text, evaluate) {
  const times = new Float64Array(edits);
  for (let n = 0; n < warmup + edits; n++) {
    const i = next++, source = text(i);
    const start = process.hrtime.bigint();
    steer = evaluate(source);
    const time = Number(process.hrtime.bigint() - start) / 1e3;
    if (steer(320, 240, i + 0.5, 2) !== 560) throw new Error("the new function does not answer");
    if (n >= warmup) times[n - warmup] = time;
  }
  times.sort();
  const percentile = (p) => Number(times[Math.ceil(edits * p) - 1].toFixed(2));
  console.log(JSON.stringify({ name, edits, p50: percentile(0.5), p99: percentile(0.99), note }));
}

const bytecode = "untyped, bytecode", lazy = "untyped, pre-parsed: compiled at the first call";
measure("node eval", bytecode, whole, (source) => (0, eval)(source));
measure("node vm.runInThisContext", bytecode, whole, (source) => vm.runInThisContext(source));
measure("node eval, lazy", lazy, text, (source) => ((0, eval)(source), globalThis.steer));
