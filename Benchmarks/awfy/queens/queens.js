// Solves the eight queens puzzle ten times.

"use strict";

class Board {
  constructor() {
    this.freeRows = new Uint8Array(8).fill(1);
    this.freeRising = new Uint8Array(16).fill(1);
    this.freeFalling = new Uint8Array(16).fill(1);
    this.queenRows = new Int32Array(8).fill(-1);
  }

  isFree(row, column) {
    return this.freeRows[row] && this.freeRising[column + row] && this.freeFalling[column - row + 7];
  }

  setFree(row, column, free) {
    this.freeRows[row] = free;
    this.freeRising[column + row] = free;
    this.freeFalling[column - row + 7] = free;
  }

  placeQueen(column) {
    for (let row = 0; row < 8; row++) {
      if (this.isFree(row, column)) {
        this.queenRows[row] = column;
        this.setFree(row, column, 0);
        if (column === 7 || this.placeQueen(column + 1)) return true;
        this.setFree(row, column, 1);
      }
    }
    return false;
  }
}

function queens() {
  for (let i = 0; i < 10; i++)
    if (!new Board().placeQueen(0)) return false;
  return true;
}

const [iterations = 1, inner = 1] = process.argv.slice(2).map(Number);
for (let i = 0; i < iterations * inner; i++)
  if (!queens()) throw new Error("no solution");
console.log("Queens verified");
