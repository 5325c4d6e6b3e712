// Counts the calls that make all permutations of six elements by swapping.

"use strict";

class Permutation {
  constructor(size) {
    this.elements = [];
    for (let i = 0; i < size; i++) this.elements.push(i - 1);
    this.count = 0;
  }

  swap(i, j) {
    const v = this.elements;
    const x = v[i];
    v[i] = v[j];
    v[j] = x;
  }

  permute(n) {
    this.count++;
    if (n === 0) return;
    const last = n - 1;
    this.permute(last);
    for (let i = last; i >= 0; i--) {
      this.swap(last, i);
      this.permute(last);
      this.swap(last, i);
    }
  }
}

function permutations() {
  const p = new Permutation(6);
  p.permute(6);
  return p.count;
}

const [iterations = 1, inner = 1] = process.argv.slice(2).map(Number);
for (let i = 0; i < iterations * inner; i++)
  if (permutations() !== 8660) throw new Error("wrong number of calls");
console.log("Permute verified");
