# Builds a tree of lists, seven deep, whose leaves have random sizes.

import sys


class Random:
    def __init__(self):
        self.seed = 74755

    def next(self):
        self.seed = (self.seed * 1309 + 13849) & 65535
        return self.seed


class Storage:
    def __init__(self):
        self.random = Random()
        self.count = 0

    def build_tree(self, depth):
        self.count += 1
        if depth == 1:
            return [None] * (self.random.next() % 10 + 1)
        return [self.build_tree(depth - 1) for _ in range(4)]


def storage():
    s = Storage()
    s.build_tree(7)
    return s.count


def main(iterations=1, inner=1):
    for _ in range(iterations * inner):
        assert storage() == 5461
    print("Storage verified")


main(*map(int, sys.argv[1:]))
