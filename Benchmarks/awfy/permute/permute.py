# Counts the calls that make all permutations of six elements by swapping.

import sys


class Permutation:
    def __init__(self, size):
        self.elements = [i - 1 for i in range(size)]
        self.count = 0

    def swap(self, i, j):
        v = self.elements
        x = v[i]
        v[i] = v[j]
        v[j] = x

    def permute(self, n):
        self.count += 1
        if n != 0:
            last = n - 1
            self.permute(last)
            for i in range(last, -1, -1):
                self.swap(last, i)
                self.permute(last)
                self.swap(last, i)


def permutations():
    p = Permutation(6)
    p.permute(6)
    return p.count


def main(iterations=1, inner=1):
    for _ in range(iterations * inner):
        assert permutations() == 8660
    print("Permute verified")


main(*map(int, sys.argv[1:]))
