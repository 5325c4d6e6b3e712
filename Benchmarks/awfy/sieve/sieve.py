# Counts the primes up to 5000.

import sys

SIZE = 5000


def primes():
    flags = [True] * SIZE
    count = 0
    for i in range(2, SIZE + 1):
        if flags[i - 1]:
            count += 1
            for k in range(i + i, SIZE + 1, i):
                flags[k - 1] = False
    return count


def main(iterations=1, inner=1):
    for _ in range(iterations * inner):
        assert primes() == 669
    print("Sieve verified")


main(*map(int, sys.argv[1:]))
