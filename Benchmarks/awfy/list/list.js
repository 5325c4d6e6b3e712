// Takeuchi's function on linked lists, whose lengths stand for the numbers.

"use strict";

class Element {
  constructor(value, next) {
    this.value = value;
    this.next = next;
  }
}

function makeList(length) {
  return length === 0 ? null : new Element(length, makeList(length - 1));
}

function length(list) {
  return list === null ? 0 : 1 + length(list.next);
}

function isShorter(x, y) {
  while (y !== null) {
    if (x === null) return true;
    x = x.next;
    y = y.next;
  }
  return false;
}

function tail(x, y, z) {
  if (!isShorter(y, x)) return z;
  return tail(tail(x.next, y, z), tail(y.next, z, x), tail(z.next, x, y));
}

const [iterations = 1, inner = 1] = process.argv.slice(2).map(Number);
for (let i = 0; i < iterations * inner; i++)
  if (length(tail(makeList(15), makeList(10), makeList(6))) !== 10) throw new Error("wrong length");
console.log("List verified");
