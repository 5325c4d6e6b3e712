# The Mandelbrot set as a bitmap of size by size, whose bytes are combined by exclusive or.

import sys


def escapes(cr, ci):
    """Whether the point leaves the set within fifty steps."""
    zrzr = zizi = zi = 0.0
    for _ in range(50):
        zr = zrzr - zizi + cr
        zi = 2.0 * zr * zi + ci
        zrzr = zr * zr
        zizi = zi * zi
        if zrzr + zizi > 4.0:
            return True
    return False


def mandelbrot(size):
    sum = byte = bits = 0
    for y in range(size):
        ci = 2.0 * y / size - 1.0
        for x in range(size):
            cr = 2.0 * x / size - 1.5
            byte = (byte << 1) + (1 if escapes(cr, ci) else 0)
            bits += 1
            if bits == 8 or x == size - 1:
                sum ^= byte << (8 - bits)
                byte = bits = 0
    return sum


KNOWN = {1: 128, 500: 191, 750: 50}


def main(iterations=1, size=1):
    for _ in range(iterations):
        assert mandelbrot(size) == KNOWN[size]
    print("Mandelbrot verified")


main(*map(int, sys.argv[1:]))
