// A collision detector: aircraft fly on simple paths for two hundred frames; each frame is first reduced
// to those that share a piece of sky, then their motions are intersected. The second argument is how
// many aircraft there are.

"use strict";

// Red-black trees: balanced search trees (Cormen et al., Introduction to Algorithms, chapter 13). What
// goes for one side goes for the other, so most functions take the side.

const left = 0, right = 1;

class Node {
  constructor(key, value, parent) {
    this.key = key;
    this.value = value;
    this.red = true;
    this.parent = parent;
    this.left = null;
    this.right = null;
  }

  child(side) {
    return side === left ? this.left : this.right;
  }

  setChild(side, child) {
    if (side === left) this.left = child;
    else this.right = child;
    if (child !== null) child.parent = this;
  }

  // Which child of its parent the node is.
  sideOf(parent) {
    return parent.left === this ? left : right;
  }

  // In the order of the keys.
  each(f) {
    if (this.left !== null) this.left.each(f);
    f(this.key, this.value);
    if (this.right !== null) this.right.each(f);
  }
}

function isRed(node) {
  return node !== null && node.red;
}

class Tree {
  // `compare` answers a number below, equal to or above zero.
  constructor(compare) {
    this.compare = compare;
    this.root = null;
  }

  // Puts `node` where the node `old` hangs.
  replace(old, node) {
    const parent = old.parent;
    if (parent !== null) {
      parent.setChild(old.sideOf(parent), node);
    } else {
      this.root = node;
      if (node !== null) node.parent = null;
    }
  }

  // Moves the node down to that side; its other child takes its place.
  rotate(node, side) {
    const other = 1 - side;
    const up = node.child(other);
    this.replace(node, up);
    node.setChild(other, up.child(side));
    up.setChild(side, node);
  }

  find(key) {
    let node = this.root;
    while (node !== null) {
      const order = this.compare(key, node.key);
      if (order === 0) return node;
      node = order < 0 ? node.left : node.right;
    }
    return null;
  }

  get(key) {
    const node = this.find(key);
    return node === null ? undefined : node.value;
  }

  // Answers what the key had before.
  put(key, value) {
    let parent = null, node = this.root, order = 0;
    while (node !== null) {
      order = this.compare(key, node.key);
      if (order === 0) {
        const old = node.value;
        node.value = value;
        return old;
      }
      parent = node;
      node = order < 0 ? node.left : node.right;
    }
    node = new Node(key, value, parent);
    if (parent === null) this.root = node;
    else if (order < 0) parent.left = node;
    else parent.right = node;
    this.balanceInsertion(node);
    return undefined;
  }

  // Mends a red node that may hang below a red one.
  balanceInsertion(node) {
    while (isRed(node.parent)) {
      let parent = node.parent;
      const grandparent = parent.parent;
      const side = parent.sideOf(grandparent), other = 1 - side;
      const uncle = grandparent.child(other);
      if (isRed(uncle)) {
        parent.red = false;
        uncle.red = false;
        grandparent.red = true;
        node = grandparent;
      } else {
        if (parent.child(other) === node) {
          this.rotate(parent, side);
          [node, parent] = [parent, node];
        }
        parent.red = false;
        grandparent.red = true;
        this.rotate(grandparent, other);
      }
    }
    this.root.red = false;
  }

  // Answers what the key had.
  remove(key) {
    let node = this.find(key);
    if (node === null) return undefined;
    const value = node.value;
    if (node.left !== null && node.right !== null) {
      let heir = node.right;
      while (heir.left !== null) heir = heir.left;
      node.key = heir.key;
      node.value = heir.value;
      node = heir;
    }
    const child = node.left !== null ? node.left : node.right;
    if (!node.red) {
      if (isRed(child)) child.red = false;
      else this.balanceRemoval(node);
    }
    this.replace(node, child);
    return value;
  }

  // Mends the tree around a node whose branch lacks a black one.
  balanceRemoval(node) {
    while (node.parent !== null) {
      const parent = node.parent;
      const side = node.sideOf(parent), other = 1 - side;
      if (isRed(parent.child(other))) {
        parent.child(other).red = false;
        parent.red = true;
        this.rotate(parent, side);
      }
      const sibling = parent.child(other);
      if (isRed(sibling.child(other))) {
        sibling.red = parent.red;
        parent.red = false;
        sibling.child(other).red = false;
        this.rotate(parent, side);
        return;
      }
      if (isRed(sibling.child(side))) {
        sibling.child(side).red = parent.red;
        parent.red = false;
        this.rotate(sibling, other);
        this.rotate(parent, side);
        return;
      }
      sibling.red = true;
      if (parent.red) {
        parent.red = false;
        return;
      }
      node = parent;
    }
  }

  each(f) {
    if (this.root !== null) this.root.each(f);
  }
}

// Vectors

class Vec2 {
  constructor(x, y) {
    this.x = x;
    this.y = y;
  }

  moved(dx, dy) {
    return new Vec2(this.x + dx, this.y + dy);
  }
}

class Vec3 {
  constructor(x, y, z) {
    this.x = x;
    this.y = y;
    this.z = z;
  }

  plus(v) { return new Vec3(this.x + v.x, this.y + v.y, this.z + v.z); }
  minus(v) { return new Vec3(this.x - v.x, this.y - v.y, this.z - v.z); }
  times(a) { return new Vec3(a * this.x, a * this.y, a * this.z); }
  dot(v) { return this.x * v.x + this.y * v.y + this.z * v.z; }
  squaredMagnitude() { return this.dot(this); }
}

function compareNumbers(a, b) {
  return a - b;
}

function compareVec2(a, b) {
  return a.x !== b.x ? a.x - b.x : a.y - b.y;
}

// The sky

const minXY = 0.0, maxXY = 1000.0;
const minZ = 0.0, maxZ = 10.0;
const proximityRadius = 1.0;
const voxelSize = 2.0;

class Aircraft {
  constructor(sign, position) {
    this.sign = sign;
    this.position = position;
  }
}

class Motion {
  constructor(sign, from, to) {
    this.sign = sign;
    this.from = from;
    this.to = to;
  }

  delta() {
    return this.to.minus(this.from);
  }
}

class Collision {
  constructor(a, b, position) {
    this.a = a;
    this.b = b;
    this.position = position;
  }
}

function isInSky(p) {
  return minXY <= p.x && p.x <= maxXY && minXY <= p.y && p.y <= maxXY && minZ <= p.z && p.z <= maxZ;
}

// Whether low to high meets 0 to 1.
function overlapsUnit(low, high) {
  return (low <= 1.0 && 1.0 <= high) || (low <= 0.0 && 0.0 <= high) || (0.0 <= low && high <= 1.0);
}

// Where the two come closer than the radius.
function intersection(m, n) {
  const startM = m.from, startN = n.from;
  const dm = m.delta(), dn = n.delta();
  const a = dn.minus(dm).squaredMagnitude();
  if (a === 0.0) {
    // Side by side: they are close now or never.
    if (Math.sqrt(startN.minus(startM).squaredMagnitude()) <= proximityRadius)
      return startM.plus(startN).times(0.5);
    return null;
  }
  const b = 2.0 * startM.minus(startN).dot(dm.minus(dn));
  const c = startN.minus(startM).squaredMagnitude() - proximityRadius * proximityRadius;
  const discriminant = b * b - 4.0 * a * c;
  if (discriminant < 0.0) return null;
  const root = Math.sqrt(discriminant);
  const t1 = (-b - root) / (2.0 * a);
  const t2 = (root - b) / (2.0 * a);
  if (!(t1 <= t2 && overlapsUnit(t1, t2))) return null;
  const t = Math.max(t1, 0.0);
  const p = startM.plus(dm.times(t)), q = startN.plus(dn.times(t));
  const middle = p.plus(q).times(0.5);
  return isInSky(middle) ? middle : null;
}

// Which motions share a voxel

// Whether a motion along one axis, from low to high, is ever within a voxel.
function meetsAxis(voxel, start, speed, low, high) {
  const r = proximityRadius / 2.0;
  return (speed === 0.0 && voxel <= start + r && start - r <= voxel + voxelSize) || overlapsUnit(low, high);
}

function isInVoxel(voxel, motion) {
  if (voxel.x > maxXY || voxel.x < minXY || voxel.y > maxXY || voxel.y < minXY) return false;
  const start = motion.from, speed = motion.delta();
  const r = proximityRadius / 2.0;
  // When it enters and leaves the voxel's columns and rows.
  let lowX = (voxel.x - r - start.x) / speed.x;
  let highX = (voxel.x + voxelSize + r - start.x) / speed.x;
  if (speed.x < 0.0) [lowX, highX] = [highX, lowX];
  let lowY = (voxel.y - r - start.y) / speed.y;
  let highY = (voxel.y + voxelSize + r - start.y) / speed.y;
  if (speed.y < 0.0) [lowY, highY] = [highY, lowY];
  return meetsAxis(voxel.x, start.x, speed.x, lowX, highX)
    && meetsAxis(voxel.y, start.y, speed.y, lowY, highY)
    && (speed.x === 0.0
      || speed.y === 0.0
      || (lowY <= highX && highX <= highY)
      || (lowY <= lowX && lowX <= highY)
      || (lowX <= lowY && lowY <= highX));
}

function putInto(voxels, voxel, motion) {
  const motions = voxels.get(voxel);
  if (motions !== undefined) motions.push(motion);
  else voxels.put(voxel, [motion]);
}

function draw(voxels, seen, voxel, motion) {
  if (!isInVoxel(voxel, motion) || seen.put(voxel, true)) return;
  putInto(voxels, voxel, motion);
  draw(voxels, seen, voxel.moved(-voxelSize, 0.0), motion);
  draw(voxels, seen, voxel.moved(voxelSize, 0.0), motion);
  draw(voxels, seen, voxel.moved(0.0, -voxelSize), motion);
  draw(voxels, seen, voxel.moved(0.0, voxelSize), motion);
  draw(voxels, seen, voxel.moved(-voxelSize, -voxelSize), motion);
  draw(voxels, seen, voxel.moved(-voxelSize, voxelSize), motion);
  draw(voxels, seen, voxel.moved(voxelSize, -voxelSize), motion);
  draw(voxels, seen, voxel.moved(voxelSize, voxelSize), motion);
}

// The line of the grid below.
function gridLine(a) {
  const line = voxelSize * Math.trunc(a / voxelSize);
  return a < 0.0 ? line - voxelSize : line;
}

// The motions of each voxel that has several.
function reduced(motions) {
  const voxels = new Tree(compareVec2);
  for (const m of motions)
    draw(voxels, new Tree(compareVec2), new Vec2(gridLine(m.from.x), gridLine(m.from.y)), m);
  const groups = [];
  voxels.each((_, group) => {
    if (group.length > 1) groups.push(group);
  });
  return groups;
}

// The detector

// How each aircraft got here since the last frame; forgets those that are gone.
function findMotions(state, frame) {
  const seen = new Tree(compareNumbers);
  const motions = frame.map(({ sign, position }) => {
    seen.put(sign, true);
    return new Motion(sign, state.put(sign, position) ?? position, position);
  });
  const gone = [];
  state.each((sign) => {
    if (!seen.get(sign)) gone.push(sign);
  });
  for (const sign of gone) state.remove(sign);
  return motions;
}

function findCollisions(state, frame) {
  const found = [];
  for (const group of reduced(findMotions(state, frame))) {
    for (let i = 0; i < group.length; i++) {
      for (let j = i + 1; j < group.length; j++) {
        const m = group[i], n = group[j];
        const position = intersection(m, n);
        if (position !== null) found.push(new Collision(m.sign, n.sign, position));
      }
    }
  }
  return found;
}

// The aircraft, in pairs, at a time.
function simulated(count, time) {
  const frame = [];
  for (let i = 0; i < count; i += 2) {
    const y = 3.0 * i;
    frame.push(new Aircraft(i, new Vec3(time, Math.cos(time) * 2.0 + y, 10.0)));
    frame.push(new Aircraft(i + 1, new Vec3(time, Math.sin(time) * 2.0 + y, 10.0)));
  }
  return frame;
}

function countCollisions(aircraft) {
  const state = new Tree(compareNumbers);
  let count = 0;
  for (let frame = 0; frame < 200; frame++)
    count += findCollisions(state, simulated(aircraft, frame / 10.0)).length;
  return count;
}

const known = { 2: 42, 10: 390, 100: 4305, 200: 8655, 250: 10830, 500: 14484, 1000: 14484 };

const [iterations = 1, aircraft = 2] = process.argv.slice(2).map(Number);
for (let i = 0; i < iterations; i++)
  if (countCollisions(aircraft) !== known[aircraft]) throw new Error("wrong number of collisions");
console.log("CD verified");
