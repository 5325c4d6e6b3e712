# A collision detector: aircraft fly on simple paths for two hundred frames; each frame is first reduced
# to those that share a piece of sky, then their motions are intersected. The second argument is how
# many aircraft there are.

import sys
from math import cos, inf, nan, sin, sqrt

# Red-black trees: balanced search trees (Cormen et al., Introduction to Algorithms, chapter 13). What
# goes for one side goes for the other, so most functions take the side.

LEFT, RIGHT = 0, 1


class Node:
    def __init__(self, key, value, parent):
        self.key = key
        self.value = value
        self.parent = parent
        self.children = [None, None]
        self.red = True


def is_red(node):
    return node is not None and node.red


class Tree:
    def __init__(self):
        self.root = None

    def replace(self, old, new):
        """Puts `new` where the node `old` hangs."""
        parent = old.parent
        if parent is None:
            self.root = new
        else:
            parent.children[LEFT if parent.children[LEFT] is old else RIGHT] = new
        if new is not None:
            new.parent = parent

    def rotate(self, node, side):
        """Moves the node down to that side; its other child takes its place."""
        other = 1 - side
        up = node.children[other]
        self.replace(node, up)
        node.children[other] = up.children[side]
        if up.children[side] is not None:
            up.children[side].parent = node
        up.children[side] = node
        node.parent = up

    def find(self, key):
        node = self.root
        while node is not None and node.key != key:
            node = node.children[LEFT if key < node.key else RIGHT]
        return node

    def get(self, key):
        node = self.find(key)
        return None if node is None else node.value

    def put(self, key, value):
        """Answers what the key had before."""
        parent = None
        node = self.root
        while node is not None:
            if node.key == key:
                old = node.value
                node.value = value
                return old
            parent = node
            node = node.children[LEFT if key < node.key else RIGHT]
        node = Node(key, value, parent)
        if parent is None:
            self.root = node
        else:
            parent.children[LEFT if key < parent.key else RIGHT] = node
        self.balance_insertion(node)
        return None

    def balance_insertion(self, node):
        """Mends a red node that may hang below a red one."""
        while is_red(node.parent):
            parent = node.parent
            grandparent = parent.parent
            side = LEFT if grandparent.children[LEFT] is parent else RIGHT
            other = 1 - side
            uncle = grandparent.children[other]
            if is_red(uncle):
                parent.red = False
                uncle.red = False
                grandparent.red = True
                node = grandparent
            else:
                if parent.children[other] is node:
                    self.rotate(parent, side)
                    node, parent = parent, node
                parent.red = False
                grandparent.red = True
                self.rotate(grandparent, other)
        self.root.red = False

    def remove(self, key):
        """Answers what the key had."""
        node = self.find(key)
        if node is None:
            return None
        value = node.value
        if node.children[LEFT] is not None and node.children[RIGHT] is not None:
            heir = node.children[RIGHT]
            while heir.children[LEFT] is not None:
                heir = heir.children[LEFT]
            node.key = heir.key
            node.value = heir.value
            node = heir
        child = node.children[RIGHT] if node.children[LEFT] is None else node.children[LEFT]
        if not node.red:
            if is_red(child):
                child.red = False
            else:
                self.balance_removal(node)
        self.replace(node, child)
        return value

    def balance_removal(self, node):
        """Mends the tree around a node whose branch lacks a black one."""
        while node.parent is not None:
            parent = node.parent
            side = LEFT if parent.children[LEFT] is node else RIGHT
            other = 1 - side
            if is_red(parent.children[other]):
                parent.children[other].red = False
                parent.red = True
                self.rotate(parent, side)
            sibling = parent.children[other]
            if is_red(sibling.children[other]):
                sibling.red = parent.red
                parent.red = False
                sibling.children[other].red = False
                self.rotate(parent, side)
                return
            if is_red(sibling.children[side]):
                sibling.children[side].red = parent.red
                parent.red = False
                self.rotate(sibling, other)
                self.rotate(parent, side)
                return
            sibling.red = True
            if parent.red:
                parent.red = False
                return
            node = parent

    def each(self, f):
        """In the order of the keys."""
        def visit(node):
            if node is not None:
                visit(node.children[LEFT])
                f(node.key, node.value)
                visit(node.children[RIGHT])
        visit(self.root)


# Vectors. Those of two dimensions are tuples, since they are keys.

class Vec3:
    def __init__(self, x, y, z):
        self.x = x
        self.y = y
        self.z = z

    def plus(self, v):
        return Vec3(self.x + v.x, self.y + v.y, self.z + v.z)

    def minus(self, v):
        return Vec3(self.x - v.x, self.y - v.y, self.z - v.z)

    def times(self, a):
        return Vec3(a * self.x, a * self.y, a * self.z)

    def dot(self, v):
        return self.x * v.x + self.y * v.y + self.z * v.z

    def squared_magnitude(self):
        return self.dot(self)


# The sky

MIN_XY, MAX_XY = 0.0, 1000.0
MIN_Z, MAX_Z = 0.0, 10.0
PROXIMITY_RADIUS = 1.0
VOXEL_SIZE = 2.0


class Motion:
    def __init__(self, sign, start, end):
        self.sign = sign
        self.start = start
        self.end = end

    def delta(self):
        return self.end.minus(self.start)

    def intersection(self, other):
        """Where the two come closer than the radius."""
        start1, start2 = self.start, other.start
        d1, d2 = self.delta(), other.delta()
        a = d2.minus(d1).squared_magnitude()
        if a == 0.0:
            # Side by side: they are close now or never.
            if sqrt(start2.minus(start1).squared_magnitude()) <= PROXIMITY_RADIUS:
                return start1.plus(start2).times(0.5)
            return None
        b = 2.0 * start1.minus(start2).dot(d1.minus(d2))
        c = start2.minus(start1).squared_magnitude() - PROXIMITY_RADIUS * PROXIMITY_RADIUS
        discriminant = b * b - 4.0 * a * c
        if discriminant < 0.0:
            return None
        root = sqrt(discriminant)
        t1 = (-b - root) / (2.0 * a)
        t2 = (root - b) / (2.0 * a)
        if not (t1 <= t2 and overlaps_unit(t1, t2)):
            return None
        t = max(t1, 0.0)
        middle = start1.plus(d1.times(t)).plus(start2.plus(d2.times(t))).times(0.5)
        return middle if is_in_sky(middle) else None


def is_in_sky(p):
    return MIN_XY <= p.x <= MAX_XY and MIN_XY <= p.y <= MAX_XY and MIN_Z <= p.z <= MAX_Z


def overlaps_unit(low, high):
    """Whether low to high meets 0 to 1."""
    return low <= 1.0 <= high or low <= 0.0 <= high or (0.0 <= low and high <= 1.0)


# Which motions share a voxel

def quotient(a, b):
    """As floats divide elsewhere: by zero as well."""
    if b != 0.0:
        return a / b
    return nan if a == 0.0 else inf if a > 0.0 else -inf


def span(voxel, start, speed):
    """When a motion along one axis is within a voxel."""
    r = PROXIMITY_RADIUS / 2.0
    enters = quotient(voxel - r - start, speed)
    leaves = quotient(voxel + VOXEL_SIZE + r - start, speed)
    return (leaves, enters) if speed < 0.0 else (enters, leaves)


def meets_axis(voxel, start, speed, low, high):
    r = PROXIMITY_RADIUS / 2.0
    return ((speed == 0.0 and voxel <= start + r and start - r <= voxel + VOXEL_SIZE)
            or overlaps_unit(low, high))


def is_in_voxel(voxel, motion):
    vx, vy = voxel
    if vx > MAX_XY or vx < MIN_XY or vy > MAX_XY or vy < MIN_XY:
        return False
    start = motion.start
    speed = motion.delta()
    low_x, high_x = span(vx, start.x, speed.x)
    low_y, high_y = span(vy, start.y, speed.y)
    return (meets_axis(vx, start.x, speed.x, low_x, high_x)
            and meets_axis(vy, start.y, speed.y, low_y, high_y)
            and (speed.x == 0.0
                 or speed.y == 0.0
                 or low_y <= high_x <= high_y
                 or low_y <= low_x <= high_y
                 or low_x <= low_y <= high_x))


def put_into(voxels, voxel, motion):
    motions = voxels.get(voxel)
    if motions is None:
        voxels.put(voxel, [motion])
    else:
        motions.append(motion)


def draw(voxels, seen, voxel, motion):
    if not is_in_voxel(voxel, motion) or seen.put(voxel, True) is not None:
        return
    put_into(voxels, voxel, motion)
    x, y = voxel
    s = VOXEL_SIZE
    draw(voxels, seen, (x - s, y), motion)
    draw(voxels, seen, (x + s, y), motion)
    draw(voxels, seen, (x, y - s), motion)
    draw(voxels, seen, (x, y + s), motion)
    draw(voxels, seen, (x - s, y - s), motion)
    draw(voxels, seen, (x - s, y + s), motion)
    draw(voxels, seen, (x + s, y - s), motion)
    draw(voxels, seen, (x + s, y + s), motion)


def grid_line(a):
    """The line of the grid below."""
    line = VOXEL_SIZE * int(a / VOXEL_SIZE)
    return line - VOXEL_SIZE if a < 0.0 else line


def reduced(motions):
    """The motions of each voxel that has several."""
    voxels = Tree()
    for m in motions:
        draw(voxels, Tree(), (grid_line(m.start.x), grid_line(m.start.y)), m)
    groups = []
    voxels.each(lambda _, group: groups.append(group) if len(group) > 1 else None)
    return groups


# The detector

class Detector:
    def __init__(self):
        self.state = Tree()

    def motions(self, frame):
        """How each aircraft got here since the last frame; forgets those that are gone."""
        seen = Tree()
        motions = []
        for sign, now in frame:
            seen.put(sign, True)
            before = self.state.put(sign, now)
            motions.append(Motion(sign, now if before is None else before, now))
        gone = []
        self.state.each(lambda sign, _: gone.append(sign) if seen.get(sign) is None else None)
        for sign in gone:
            self.state.remove(sign)
        return motions

    def collisions(self, frame):
        found = []
        for group in reduced(self.motions(frame)):
            for i in range(len(group)):
                for j in range(i + 1, len(group)):
                    position = group[i].intersection(group[j])
                    if position is not None:
                        found.append((group[i].sign, group[j].sign, position))
        return found


def simulated(count, time):
    """The aircraft, in pairs, at a time."""
    frame = []
    for i in range(0, count, 2):
        frame.append((i, Vec3(time, cos(time) * 2.0 + i * 3.0, 10.0)))
        frame.append((i + 1, Vec3(time, sin(time) * 2.0 + i * 3.0, 10.0)))
    return frame


def count_collisions(aircraft):
    detector = Detector()
    return sum(len(detector.collisions(simulated(aircraft, frame / 10.0))) for frame in range(200))


KNOWN = {2: 42, 10: 390, 100: 4305, 200: 8655, 250: 10830, 500: 14484, 1000: 14484}


def main(iterations=1, aircraft=2):
    for _ in range(iterations):
        assert count_collisions(aircraft) == KNOWN[aircraft]
    print("CD verified")


main(*map(int, sys.argv[1:]))
