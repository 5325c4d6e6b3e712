# Takeuchi's function on linked lists, whose lengths stand for the numbers.

import sys


class Element:
    def __init__(self, value, next):
        self.value = value
        self.next = next


def make_list(length):
    return Element(length, make_list(length - 1)) if length else None


def length(list):
    return 1 + length(list.next) if list else 0


def is_shorter(x, y):
    while y:
        if not x:
            return True
        x = x.next
        y = y.next
    return False


def tail(x, y, z):
    if is_shorter(y, x):
        return tail(tail(x.next, y, z), tail(y.next, z, x), tail(z.next, x, y))
    return z


def main(iterations=1, inner=1):
    for _ in range(iterations * inner):
        assert length(tail(make_list(15), make_list(10), make_list(6))) == 10
    print("List verified")


main(*map(int, sys.argv[1:]))
