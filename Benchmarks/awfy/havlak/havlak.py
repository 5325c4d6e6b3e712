# Finds the loops of a control flow graph (Havlak, Nesting of Reducible and Irreducible Loops, 1997). The
# second argument is how often the small graph is analysed before the large one is built.

import sys

MAX_NON_BACK_PREDECESSORS = 32 * 1024
BODY, REDUCIBLE, SELF, IRREDUCIBLE, DEAD = range(5)


class BasicBlock:
    def __init__(self, name):
        self.name = name
        self.in_edges = []
        self.out_edges = []


class ControlFlowGraph:
    def __init__(self):
        self.blocks = {}
        self.start = None

    def node(self, name):
        block = self.blocks.get(name)
        if block is None:
            block = BasicBlock(name)
            self.blocks[name] = block
            if self.start is None:
                self.start = block
        return block

    def connect(self, source, target):
        a = self.node(source)
        b = self.node(target)
        a.out_edges.append(b)
        b.in_edges.append(a)


class Loop:
    def __init__(self, header, is_reducible):
        self.header = header
        self.is_reducible = is_reducible
        self.parent = None
        self.nesting = 0
        self.blocks = set()
        self.children = []
        if header is not None:
            self.blocks.add(header.name)

    def set_parent(self, parent):
        self.parent = parent
        parent.children.append(self)


class LoopStructure:
    def __init__(self):
        self.root = Loop(None, True)
        self.loops = [self.root]

    def create_loop(self, header, is_reducible):
        loop = Loop(header, is_reducible)
        self.loops.append(loop)
        return loop

    def calculate_nesting(self):
        for loop in self.loops:
            if loop is not self.root and loop.parent is None:
                loop.set_parent(self.root)
        self.nest(self.root)

    def nest(self, loop):
        for child in loop.children:
            self.nest(child)
            loop.nesting = max(loop.nesting, 1 + child.nesting)


class UnionFindNode:
    def __init__(self, block, number):
        self.parent = self
        self.block = block
        self.number = number
        self.loop = None

    def find_set(self):
        """The representative of the set; shortens the way to it."""
        path = []
        node = self
        while node.parent is not node:
            if node.parent is not node.parent.parent:
                path.append(node)
            node = node.parent
        for n in path:
            n.parent = node
        return node


class LoopFinder:
    def __init__(self, graph, structure):
        size = len(graph.blocks)
        self.graph = graph
        self.structure = structure
        self.numbers = {}
        self.nodes = [None] * size
        self.last = [0] * size
        self.header = [0] * size
        self.kind = [BODY] * size
        self.back_preds = [[] for _ in range(size)]
        self.non_back_preds = [set() for _ in range(size)]

    def is_ancestor(self, w, v):
        return w <= v <= self.last[w]

    def search_depth_first(self, block, number):
        """Numbers what can be reached; answers the last number given."""
        self.nodes[number] = UnionFindNode(block, number)
        self.numbers[block.name] = number
        last = number
        for target in block.out_edges:
            if target.name not in self.numbers:
                last = self.search_depth_first(target, last + 1)
        self.last[number] = last
        return last

    def identify_edges(self):
        for w, node in enumerate(self.nodes):
            if node is None:
                self.kind[w] = DEAD
                continue
            for block in node.block.in_edges:
                v = self.numbers.get(block.name)
                if v is not None:
                    if self.is_ancestor(w, v):
                        self.back_preds[w].append(v)
                    else:
                        self.non_back_preds[w].add(v)

    def find_loops(self):
        if self.graph.start is None:
            return
        self.search_depth_first(self.graph.start, 0)
        self.identify_edges()
        for w in range(len(self.nodes) - 1, -1, -1):
            if self.nodes[w] is not None and not self.collect(w):
                return

    def collect(self, w):
        """The body of the loop that w heads, if it heads one; false when the graph is too tangled."""
        pool = []
        for v in self.back_preds[w]:
            if v == w:
                self.kind[w] = SELF
            else:
                pool.append(self.nodes[v].find_set())
        work = list(pool)
        if pool:
            self.kind[w] = REDUCIBLE
        for x in work:
            if len(self.non_back_preds[x.number]) > MAX_NON_BACK_PREDECESSORS:
                return False
            for y in list(self.non_back_preds[x.number]):
                self.add_predecessor(w, self.nodes[y].find_set(), pool, work)
        if pool or self.kind[w] == SELF:
            self.make_loop(w, pool)
        return True

    def add_predecessor(self, w, y, pool, work):
        if not self.is_ancestor(w, y.number):
            self.kind[w] = IRREDUCIBLE
            self.non_back_preds[w].add(y.number)
        elif y.number != w and y not in pool:
            work.append(y)
            pool.append(y)

    def make_loop(self, w, pool):
        node = self.nodes[w]
        loop = self.structure.create_loop(node.block, self.kind[w] != IRREDUCIBLE)
        node.loop = loop
        for member in pool:
            self.header[member.number] = w
            member.parent = node
            if member.loop is not None:
                member.loop.set_parent(loop)
            else:
                loop.blocks.add(member.block.name)


# The graph

def build_straight(graph, start, n):
    for i in range(start, start + n):
        graph.connect(i, i + 1)
    return start + n


def build_diamond(graph, start):
    graph.connect(start, start + 1)
    graph.connect(start, start + 2)
    graph.connect(start + 1, start + 3)
    graph.connect(start + 2, start + 3)
    return start + 3


def build_base_loop(graph, start):
    header = build_straight(graph, start, 1)
    diamond1 = build_diamond(graph, header)
    d11 = build_straight(graph, diamond1, 1)
    diamond2 = build_diamond(graph, d11)
    footer = build_straight(graph, diamond2, 1)
    graph.connect(diamond2, d11)
    graph.connect(diamond1, header)
    graph.connect(footer, start)
    return build_straight(graph, footer, 1)


def build_large_graph(graph, outer, middle, inner):
    n = 2
    for _ in range(outer):
        graph.node(n + 1)
        graph.connect(2, n + 1)
        n += 1
        for _ in range(middle):
            top = n
            n = build_straight(graph, n, 1)
            for _ in range(inner):
                n = build_base_loop(graph, n)
            bottom = build_straight(graph, n, 1)
            graph.connect(n, top)
            n = bottom
        graph.connect(n, 1)


def havlak(dummy_loops):
    """How many loops were found, and how many nodes there are."""
    graph = ControlFlowGraph()
    structure = LoopStructure()
    graph.node(0)
    build_base_loop(graph, 0)
    graph.node(1)
    graph.connect(0, 2)
    for _ in range(dummy_loops):
        LoopFinder(graph, structure).find_loops()
    build_large_graph(graph, 10, 10, 5)
    LoopFinder(graph, structure).find_loops()
    for _ in range(50):
        LoopFinder(graph, LoopStructure()).find_loops()
    structure.calculate_nesting()
    return len(structure.loops), len(graph.blocks)


KNOWN = {1: 1605, 15: 1647, 150: 2052, 1500: 6102, 15000: 46602}


def main(iterations=1, dummy_loops=1):
    sys.setrecursionlimit(20_000)
    for _ in range(iterations):
        assert havlak(dummy_loops) == (KNOWN[dummy_loops], 5213)
    print("Havlak verified")


main(*map(int, sys.argv[1:]))
