// Finds the loops of a control flow graph (Havlak, Nesting of Reducible and Irreducible Loops, 1997). The
// second argument is how often the small graph is analysed before the large one is built.

"use strict";

const maxNonBackPredecessors = 32 * 1024;
const body = 0, reducible = 1, self = 2, irreducible = 3, dead = 4;

// The graph

class Block {
  constructor(name) {
    this.name = name;
    this.inEdges = [];
    this.outEdges = [];
  }
}

class Graph {
  constructor() { this.blocks = new Map(); }

  // The block of that name, new if need be.
  block(name) {
    let b = this.blocks.get(name);
    if (b === undefined) {
      b = new Block(name);
      this.blocks.set(name, b);
    }
    return b;
  }

  connect(from, to) {
    const a = this.block(from), b = this.block(to);
    a.outEdges.push(b);
    b.inEdges.push(a);
  }
}

// Loops

class Loop {
  constructor(header, isReducible) {
    this.header = header;
    this.isReducible = isReducible;
    this.parent = null;
    this.nesting = 0;
    this.blocks = new Set();
    this.children = [];
    if (header !== null) this.blocks.add(header.name);
  }

  setParent(parent) {
    this.parent = parent;
    parent.children.push(this);
  }

  nest() {
    for (const child of this.children) {
      child.nest();
      this.nesting = Math.max(this.nesting, 1 + child.nesting);
    }
  }
}

class Structure {
  constructor() {
    this.root = new Loop(null, true);
    this.loops = [this.root];
  }

  createLoop(header, isReducible) {
    const loop = new Loop(header, isReducible);
    this.loops.push(loop);
    return loop;
  }

  calculateNesting() {
    for (const loop of this.loops)
      if (loop.parent === null && loop !== this.root) loop.setParent(this.root);
    this.root.nest();
  }
}

// Union and find

class Node {
  constructor(block, number) {
    this.block = block;
    this.number = number;
    this.parent = null;
    this.loop = null;
  }

  // The representative of the set; shortens the way to it.
  findSet() {
    if (this.parent === null) return this;
    const root = this.parent.findSet();
    if (root !== this.parent) this.parent = root;
    return root;
  }
}

// The analysis

class Finder {
  constructor(graph, structure) {
    const n = graph.blocks.size;
    this.graph = graph;
    this.structure = structure;
    this.numbers = new Map();
    this.nodes = new Array(n).fill(null);
    this.last = new Int32Array(n);
    this.header = new Int32Array(n);
    this.kind = new Uint8Array(n).fill(body);
    this.backPreds = [];
    this.nonBackPreds = [];
    for (let i = 0; i < n; i++) {
      this.backPreds.push([]);
      this.nonBackPreds.push(new Set());
    }
  }

  isAncestor(w, v) {
    return w <= v && v <= this.last[w];
  }

  // Numbers what can be reached, depth first; answers the last number given.
  search(block, number) {
    this.nodes[number] = new Node(block, number);
    this.numbers.set(block.name, number);
    let last = number;
    for (const target of block.outEdges)
      if (!this.numbers.has(target.name)) last = this.search(target, last + 1);
    this.last[number] = last;
    return last;
  }

  identifyEdges() {
    for (let w = 0; w < this.nodes.length; w++) {
      const node = this.nodes[w];
      if (node === null) {
        this.kind[w] = dead;
        continue;
      }
      for (const block of node.block.inEdges) {
        const v = this.numbers.get(block.name);
        if (v === undefined) continue;
        if (this.isAncestor(w, v)) this.backPreds[w].push(v);
        else this.nonBackPreds[w].add(v);
      }
    }
  }

  addPredecessor(w, y, pool, work) {
    if (!this.isAncestor(w, y.number)) {
      this.kind[w] = irreducible;
      this.nonBackPreds[w].add(y.number);
    } else if (y.number !== w && !pool.includes(y)) {
      work.push(y);
      pool.push(y);
    }
  }

  makeLoop(w, pool) {
    const node = this.nodes[w];
    const loop = this.structure.createLoop(node.block, this.kind[w] !== irreducible);
    node.loop = loop;
    for (const member of pool) {
      this.header[member.number] = w;
      member.parent = node;
      if (member.loop !== null) member.loop.setParent(loop);
      else loop.blocks.add(member.block.name);
    }
  }

  // The body of the loop that w heads, if it heads one; false when the graph is too tangled.
  collect(w) {
    const pool = [];
    for (const v of this.backPreds[w]) {
      if (v === w) this.kind[w] = self;
      else pool.push(this.nodes[v].findSet());
    }
    if (pool.length > 0) this.kind[w] = reducible;
    const work = pool.slice();
    // Walks what is pushed meanwhile as well.
    for (const x of work) {
      const preds = this.nonBackPreds[x.number];
      if (preds.size > maxNonBackPredecessors) return false;
      for (const y of preds) this.addPredecessor(w, this.nodes[y].findSet(), pool, work);
    }
    if (pool.length > 0 || this.kind[w] === self) this.makeLoop(w, pool);
    return true;
  }

  findLoops() {
    const start = this.graph.blocks.get(0);
    if (start === undefined) return;
    this.search(start, 0);
    this.identifyEdges();
    for (let w = this.nodes.length - 1; w >= 0; w--)
      if (this.nodes[w] !== null && !this.collect(w)) return;
  }
}

// Building the graph

function buildStraight(graph, start, n) {
  for (let i = start; i < start + n; i++) graph.connect(i, i + 1);
  return start + n;
}

function buildDiamond(graph, start) {
  graph.connect(start, start + 1);
  graph.connect(start, start + 2);
  graph.connect(start + 1, start + 3);
  graph.connect(start + 2, start + 3);
  return start + 3;
}

function buildBaseLoop(graph, start) {
  const header = buildStraight(graph, start, 1);
  const diamond1 = buildDiamond(graph, header);
  const d11 = buildStraight(graph, diamond1, 1);
  const diamond2 = buildDiamond(graph, d11);
  const footer = buildStraight(graph, diamond2, 1);
  graph.connect(diamond2, d11);
  graph.connect(diamond1, header);
  graph.connect(footer, start);
  return buildStraight(graph, footer, 1);
}

function buildLargeGraph(graph, outer, middle, inner) {
  let n = 2;
  for (let i = 0; i < outer; i++) {
    graph.block(n + 1);
    graph.connect(2, n + 1);
    n++;
    for (let j = 0; j < middle; j++) {
      const top = n;
      n = buildStraight(graph, n, 1);
      for (let k = 0; k < inner; k++) n = buildBaseLoop(graph, n);
      const bottom = buildStraight(graph, n, 1);
      graph.connect(n, top);
      n = bottom;
    }
    graph.connect(n, 1);
  }
}

// How many loops were found, and how many nodes there are.
function havlak(dummyLoops) {
  const graph = new Graph();
  const structure = new Structure();
  graph.block(0);
  buildBaseLoop(graph, 0);
  graph.block(1);
  graph.connect(0, 2);
  for (let i = 0; i < dummyLoops; i++) new Finder(graph, structure).findLoops();
  buildLargeGraph(graph, 10, 10, 5);
  new Finder(graph, structure).findLoops();
  for (let i = 0; i < 50; i++) new Finder(graph, new Structure()).findLoops();
  structure.calculateNesting();
  return [structure.loops.length, graph.blocks.size];
}

const known = { 1: 1605, 15: 1647, 150: 2052, 1500: 6102, 15000: 46602 };

const [iterations = 1, dummyLoops = 1] = process.argv.slice(2).map(Number);
for (let i = 0; i < iterations; i++) {
  const [loops, nodes] = havlak(dummyLoops);
  if (loops !== known[dummyLoops] || nodes !== 5213) throw new Error(`wrong counts: ${loops}, ${nodes}`);
}
console.log("Havlak verified");
