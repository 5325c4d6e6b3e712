// Builds a tree of arrays, seven deep, whose leaves have random sizes.

"use strict";

class Random {
  constructor() { this.seed = 74755; }

  next() {
    this.seed = (this.seed * 1309 + 13849) & 65535;
    return this.seed;
  }
}

class Storage {
  constructor() {
    this.random = new Random();
    this.count = 0;
  }

  buildTree(depth) {
    this.count++;
    if (depth === 1) {
      const leaf = new Array(this.random.next() % 10 + 1);
      for (let i = 0; i < leaf.length; i++) leaf[i] = null;
      return leaf;
    }
    const children = new Array(4);
    for (let i = 0; i < 4; i++) children[i] = this.buildTree(depth - 1);
    return children;
  }
}

function storage() {
  const s = new Storage();
  s.buildTree(7);
  return s.count;
}

const [iterations = 1, inner = 1] = process.argv.slice(2).map(Number);
for (let i = 0; i < iterations * inner; i++)
  if (storage() !== 5461) throw new Error("wrong number of nodes");
console.log("Storage verified");
