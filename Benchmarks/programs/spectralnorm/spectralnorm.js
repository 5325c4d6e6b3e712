"use strict";

const size = 1000, steps = 10;

function a(i, j) {
  return 1.0 / ((i + j) * (i + j + 1) / 2 + i + 1);
}

function times(v, out) {
  for (let i = 0; i < size; i++) {
    let sum = 0.0;
    for (let j = 0; j < size; j++) sum += a(i, j) * v[j];
    out[i] = sum;
  }
}

function timesTransposed(v, out) {
  for (let i = 0; i < size; i++) {
    let sum = 0.0;
    for (let j = 0; j < size; j++) sum += a(j, i) * v[j];
    out[i] = sum;
  }
}

function dot(v, w) {
  let sum = 0.0;
  for (let i = 0; i < size; i++) sum += v[i] * w[i];
  return sum;
}

const vector = () => new Float64Array(size).fill(1.0);

function norm() {
  const u = vector(), v = vector(), t = vector();
  for (let step = 0; step < steps; step++) {
    times(u, t);
    timesTransposed(t, v);
    times(v, t);
    timesTransposed(t, u);
  }
  return Math.floor(Math.sqrt(dot(u, v) / dot(v, v)) * 1e12);
}

const rounds = Number(process.argv[2] ?? 1);
for (let i = 0; i < rounds; i++) console.log(String(norm()));
