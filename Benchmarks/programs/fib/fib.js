"use strict";

function fib(n) {
  return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

const rounds = Number(process.argv[2] ?? 1);
for (let i = 0; i < rounds; i++) console.log(fib(37));
