// "Did you mean": the known name nearest to a misspelt one.

/// The candidate that `name` was most likely meant to be; nil if none is near. Neighbouring letters
/// swapped count as one slip (the restricted Damerau-Levenshtein distance); a third of the length may be
/// wrong, and a difference in case alone is always near. Of equals, the first wins.
public func closestName(to name: String, among candidates: some Sequence<String>) -> String? {
  let wanted = Array(name.unicodeScalars)
  guard !wanted.isEmpty, wanted.count <= 200 else { return nil }
  let lowered = name.lowercased()
  var best: String?
  var limit = max(1, wanted.count / 3)
  var distance = EditDistance()
  for candidate in candidates where candidate != name {
    if candidate.lowercased() == lowered { return candidate }
    let scalars = Array(candidate.unicodeScalars)
    guard abs(scalars.count - wanted.count) <= limit else { continue }
    let found = distance.between(wanted, scalars)
    if found < limit || (found == limit && best == nil), found < max(wanted.count, scalars.count) {
      best = candidate
      limit = found
    }
  }
  return best
}

/// Three rows of the distance matrix, used again for every candidate.
private struct EditDistance {
  private var beforeLast: [Int] = []
  private var last: [Int] = []
  private var row: [Int] = []

  mutating func between(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
    beforeLast = Array(repeating: 0, count: b.count + 1)
    row = beforeLast
    last = Array(0...b.count)
    for i in a.indices {
      row[0] = i + 1
      for j in b.indices {
        let substitution = last[j] + (a[i] == b[j] ? 0 : 1)
        row[j + 1] = min(substitution, last[j + 1] + 1, row[j] + 1)
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
          row[j + 1] = min(row[j + 1], beforeLast[j - 1] + 1)
        }
      }
      swap(&beforeLast, &last)
      swap(&last, &row)
    }
    return last[b.count]
  }
}
