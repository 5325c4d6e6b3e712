"use strict";

const outer = 3000, inner = 5000;

function main() {
  let x = 42, acc = 0;
  for (let i = 0; i < outer; i++) {
    for (let j = 0; j < inner; j++) {
      x = (x * 1366 + 150889) % 714025;
      if (x < i + j) acc += x;
      else acc -= j;
    }
  }
  console.log(acc + x);
}

const rounds = Number(process.argv[2] ?? 1);
for (let i = 0; i < rounds; i++) main();
