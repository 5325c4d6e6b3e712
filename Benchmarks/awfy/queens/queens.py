# Solves the eight queens puzzle ten times.

import sys


class Board:
    def __init__(self):
        self.free_rows = [True] * 8
        self.free_rising = [True] * 16
        self.free_falling = [True] * 16
        self.queen_rows = [-1] * 8

    def is_free(self, row, column):
        return self.free_rows[row] and self.free_rising[column + row] and self.free_falling[column - row + 7]

    def set_free(self, row, column, free):
        self.free_rows[row] = free
        self.free_rising[column + row] = free
        self.free_falling[column - row + 7] = free

    def place_queen(self, column):
        for row in range(8):
            if self.is_free(row, column):
                self.queen_rows[row] = column
                self.set_free(row, column, False)
                if column == 7 or self.place_queen(column + 1):
                    return True
                self.set_free(row, column, True)
        return False


def queens():
    return all(Board().place_queen(0) for _ in range(10))


def main(iterations=1, inner=1):
    for _ in range(iterations * inner):
        assert queens()
    print("Queens verified")


main(*map(int, sys.argv[1:]))
