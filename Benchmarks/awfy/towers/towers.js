// The towers of Hanoi with thirteen disks, kept as linked lists.

"use strict";

class Disk {
  constructor(size) {
    this.size = size;
    this.next = null;
  }
}

class Towers {
  constructor() {
    this.piles = [null, null, null];
    this.moves = 0;
  }

  push(disk, pile) {
    const top = this.piles[pile];
    if (top !== null && disk.size >= top.size) throw new Error("cannot put a big disk on a smaller one");
    disk.next = top;
    this.piles[pile] = disk;
  }

  pop(pile) {
    const top = this.piles[pile];
    if (top === null) throw new Error("no disk to take");
    this.piles[pile] = top.next;
    top.next = null;
    return top;
  }

  moveTop(from, to) {
    this.push(this.pop(from), to);
    this.moves++;
  }

  build(pile, disks) {
    for (let size = disks; size >= 0; size--) this.push(new Disk(size), pile);
  }

  move(disks, from, to) {
    if (disks === 1) {
      this.moveTop(from, to);
      return;
    }
    const other = 3 - from - to;
    this.move(disks - 1, from, other);
    this.moveTop(from, to);
    this.move(disks - 1, other, to);
  }
}

function moves() {
  const towers = new Towers();
  towers.build(0, 13);
  towers.move(13, 0, 1);
  return towers.moves;
}

const [iterations = 1, inner = 1] = process.argv.slice(2).map(Number);
for (let i = 0; i < iterations * inner; i++)
  if (moves() !== 8191) throw new Error("wrong number of moves");
console.log("Towers verified");
