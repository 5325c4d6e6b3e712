# The towers of Hanoi with thirteen disks, kept as linked lists.

import sys


class Disk:
    def __init__(self, size):
        self.size = size
        self.next = None


class Towers:
    def __init__(self):
        self.piles = [None, None, None]
        self.moves = 0

    def push(self, disk, pile):
        top = self.piles[pile]
        if top and disk.size >= top.size:
            raise ValueError("cannot put a big disk on a smaller one")
        disk.next = top
        self.piles[pile] = disk

    def pop(self, pile):
        top = self.piles[pile]
        if not top:
            raise ValueError("no disk to take")
        self.piles[pile] = top.next
        top.next = None
        return top

    def move_top(self, source, target):
        self.push(self.pop(source), target)
        self.moves += 1

    def build(self, pile, disks):
        for size in range(disks, -1, -1):
            self.push(Disk(size), pile)

    def move(self, disks, source, target):
        if disks == 1:
            self.move_top(source, target)
        else:
            other = 3 - source - target
            self.move(disks - 1, source, other)
            self.move_top(source, target)
            self.move(disks - 1, other, target)


def moves():
    towers = Towers()
    towers.build(0, 13)
    towers.move(13, 0, 1)
    return towers.moves


def main(iterations=1, inner=1):
    for _ in range(iterations * inner):
        assert moves() == 8191
    print("Towers verified")


main(*map(int, sys.argv[1:]))
